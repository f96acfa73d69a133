// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Eigen allocates nothing while a hop is worked on: what uses it, compiled with assertions and with
// Eigen's own watch on memory (EIGEN_RUNTIME_NO_MALLOC).
#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.hpp"
#include "support.hpp"

#if !defined(EIGEN_RUNTIME_NO_MALLOC) || defined(NDEBUG)
#error "compile with EIGEN_RUNTIME_NO_MALLOC and assertions"
#endif

using namespace percepnet;

namespace {

// The signal that ends a child process that does this; 0: none.
template <typename Work> int fatal_signal(Work work) {
    const pid_t child = fork();
    if (child == 0) {
        work();
        _exit(0);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

} // namespace

START_TEST(the_watch_sees_an_allocation) {
    const auto grow = [](bool allowed) {
        Eigen::internal::set_is_malloc_allowed(allowed);
        Eigen::ArrayXf many(1000);
        many.setZero();
    };
    ck_assert_int_eq(fatal_signal([=] { grow(true); }), 0);
    ck_assert_int_eq(fatal_signal([=] { grow(false); }), SIGABRT);
}
END_TEST

START_TEST(a_channel_allocates_nothing_through_eigen) {
    const auto left = support::white_noise(50 * kHop, 0.1f, 1);
    const auto right = support::harmonic(50 * kHop, 150.0);
    Channel channel(nn::Model::built_in(), 2);
    Eigen::internal::set_is_malloc_allowed(false);
    for (std::size_t at = 0; at < left.size(); at += kHop) {
        const float *const in[] = {&left[at], &right[at]};
        float enhanced[2][kHop], dry[2][kHop];
        float *const to[] = {enhanced[0], enhanced[1]}, *const delayed[] = {dry[0], dry[1]};
        const Channel::Turn turn{&channel, in, to, delayed, 1.0f};
        Channel::process_hops({&turn, 1});
        ck_assert_float_finite(enhanced[0][0] + enhanced[1][0]);
    }
    channel.reset();
    Eigen::internal::set_is_malloc_allowed(true);
}
END_TEST

START_TEST(bands_are_zero_until_they_are_given_values) {
    unsigned char memory[sizeof(dsp::BandVector)];
    std::fill(std::begin(memory), std::end(memory), 0xff);
    const auto *bands = new (memory) dsp::BandVector;
    ck_assert_float_eq(bands->abs().maxCoeff(), 0.0f);
}
END_TEST

int main() {
    return support::run("band memory",
                        {the_watch_sees_an_allocation, a_channel_allocates_nothing_through_eigen,
                         bands_are_zero_until_they_are_given_values});
}
