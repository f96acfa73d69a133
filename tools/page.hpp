// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

#include "inspection.hpp"
#include "options.hpp"

namespace percepnet::tools {

/** The page with a place for its data (page.html). */
extern const char kPage[];

/** One HTML file with sounds, pictures and curves, that needs nothing else. @throws Error */
void write_page(const std::string &path, const Options &options, const Inspection &seen);

} // namespace percepnet::tools
