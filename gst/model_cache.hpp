// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <memory>
#include <string>

#include <percepnet.h>

namespace percepnet::gst
{

using ModelPtr = std::shared_ptr < percepnet_model >;

// The model of a file, or the built-in one for an empty path. Elements of one
// process that use the same file at the same time share it. NULL on failure.
ModelPtr open_model (const std::string & path, percepnet_error * error);

}
