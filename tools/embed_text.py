#!/usr/bin/env python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Write the text of a file as C++: embed_text.py PAGE OUT.cpp"""
import sys

TEMPLATE = """\
#include "page.hpp"

namespace percepnet::tools {{
const char kPage[] = R"~page~({text})~page~";
}}
"""

with open(sys.argv[1], encoding="utf-8") as page, open(sys.argv[2], "w", encoding="utf-8") as out:
    out.write(TEMPLATE.format(text=page.read()))
