// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

namespace percepnet::tools {

/** From here on the first SIGINT, SIGTERM or SIGHUP only asks for the end; standard input ends at
    once if it is a pipe. A second one ends the program. */
void watch_for_interrupts();

/** The signal that asked for the end, 0: none. Any thread. */
int interrupted();

/** Can be read from when an interrupt came, for poll(); -1: nobody watches for them. */
int interrupt_pipe();

} // namespace percepnet::tools
