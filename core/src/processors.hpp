// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <algorithm>
#include <thread>

#ifdef __linux__
#include <sched.h>
#endif

namespace percepnet {

// How many this program may use, 1 or more. hardware_concurrency() is the machine's, also where
// taskset or a container leaves fewer.
inline int processors() {
#ifdef __linux__
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
        return std::max(1, CPU_COUNT(&allowed));
#endif
    return int(std::max(1u, std::thread::hardware_concurrency()));
}

} // namespace percepnet
