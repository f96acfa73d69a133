// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The tables that are compiled in; which of them may run is dispatch.cpp's business.
#pragma once

#include "kernels/kernels.hpp"

namespace percepnet::kernels {

extern const Kernels kPlain;
extern const Kernels kSse41;
extern const Kernels kAvx2;
extern const Kernels kAvxVnni;
extern const Kernels kAvx512Vnni;
extern const Kernels kNeon;
extern const Kernels kDotprod;

} // namespace percepnet::kernels
