#!/usr/bin/env python3
# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Write an assembler file that puts MODEL into the library: embed.py MODEL OUT.S"""
import os
import sys

TEMPLATE = """\
#ifdef __APPLE__
#define SYMBOL(name) _##name
    .const_data
    .private_extern SYMBOL(percepnet_default_model), SYMBOL(percepnet_default_model_end)
#elif defined(__wasm__)
#define SYMBOL(name) name
    .section .rodata.percepnet_default_model, "", @
    .hidden percepnet_default_model
    .hidden percepnet_default_model_end
    .type percepnet_default_model, @object
    .type percepnet_default_model_end, @object
    .size percepnet_default_model, {size}
    .size percepnet_default_model_end, 1
#else
#define SYMBOL(name) name
    .section .rodata
    .hidden percepnet_default_model
    .hidden percepnet_default_model_end
#endif
    .globl SYMBOL(percepnet_default_model)
    .globl SYMBOL(percepnet_default_model_end)
    .p2align 6
SYMBOL(percepnet_default_model):
    .incbin "{path}"
SYMBOL(percepnet_default_model_end):
    .byte 0
#ifdef __ELF__
    .section .note.GNU-stack, "", %progbits
#endif
"""


def main() -> None:
    model, out = sys.argv[1:]
    path = os.path.abspath(model).replace("\\", "\\\\").replace('"', '\\"')
    with open(out, "w", encoding="utf-8") as file:
        file.write(TEMPLATE.format(path=path, size=os.path.getsize(model)))


if __name__ == "__main__":
    main()
