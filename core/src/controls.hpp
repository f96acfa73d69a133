// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The controls as data. The table in controls.cpp is the only place that knows their ranges,
// defaults and words; the wrappers, their help and the documents are made from it or compared.
#pragma once

#include <cstddef>
#include <string>

#include "percepnet/percepnet.h"
#include "span.hpp"

namespace percepnet {

Span<const percepnet_control> controls() noexcept;

// nullptr: there is none with this id.
const percepnet_control *find_control(int id) noexcept;

// An older header's structure ends at an earlier field; one that ends within a field is of none.
bool is_size_of_params(std::size_t size) noexcept;

// "mix must be 0 to 1", "output must be enhanced (0), residual (1) or bypass (2)".
std::string requirement(const percepnet_control &control);

bool in_range(const percepnet_control &control, float value) noexcept;

// Clamped, and rounded if it is a choice; not for NaN.
float nearest(const percepnet_control &control, float value) noexcept;

// The control's field of the parameters.
float read_field(const percepnet_params &params, const percepnet_control &control) noexcept;
void write_field(percepnet_params &params, const percepnet_control &control, float value) noexcept;

} // namespace percepnet
