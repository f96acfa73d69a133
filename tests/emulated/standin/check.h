// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// As much of Check's interface as the tests of the kernels need, for cross builds, where Check's
// library for the other processor is rarely there. The first failure ends the program.
#pragma once

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

struct TTest {
    const char *name;
    void (*run)(int);
};
using TCase = std::vector<const TTest *>;
using Suite = std::vector<TCase *>;
using SRunner = Suite;
enum { CK_NORMAL, CK_ENV };

#define START_TEST(test)                                                                           \
    static void test##_run(int);                                                                   \
    static const TTest test##_test = {#test, test##_run};                                          \
    static const TTest *test = &test##_test;                                                       \
    static void test##_run(int)
#define END_TEST

#define ck_assert_msg(holds, ...)                                                                  \
    do {                                                                                           \
        if (!(holds)) {                                                                            \
            std::fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #holds);                       \
            std::fprintf(stderr, __VA_ARGS__);                                                     \
            std::fputs("\n", stderr);                                                              \
            std::exit(EXIT_FAILURE);                                                               \
        }                                                                                          \
    } while (0)
#define ck_assert(holds) ck_assert_msg(holds, "does not hold")
#define ck_assert_int_eq(a, b) ck_assert((a) == (b))
#define ck_assert_uint_eq(a, b) ck_assert((a) == (b))
#define ck_assert_float_eq(a, b) ck_assert((a) == (b))
#define ck_assert_float_gt(a, b) ck_assert((a) > (b))
#define ck_assert_float_lt(a, b) ck_assert((a) < (b))
#define ck_assert_float_eq_tol(a, b, most) ck_assert(std::fabs((a) - (b)) <= (most))
#define ck_assert_double_le(a, b) ck_assert((a) <= (b))
#define ck_assert_double_eq_tol(a, b, most) ck_assert(std::fabs((a) - (b)) <= (most))
#define ck_assert_mem_eq(a, b, n) ck_assert(std::memcmp(a, b, n) == 0)

inline Suite *suite_create(const char *name) {
    std::printf("%s\n", name);
    return new Suite;
}
inline TCase *tcase_create(const char *) {
    return new TCase;
}
inline void tcase_set_timeout(TCase *, double) {}
inline void tcase_add_test(TCase *tcase, const TTest *test) {
    tcase->push_back(test);
}
inline void suite_add_tcase(Suite *suite, TCase *tcase) {
    suite->push_back(tcase);
}
inline SRunner *srunner_create(Suite *suite) {
    return suite;
}
inline void srunner_run_all(SRunner *suite, int) {
    for (TCase *tcase : *suite)
        for (const TTest *test : *tcase) {
            test->run(0);
            std::printf("%s: passed\n", test->name);
        }
}
inline int srunner_ntests_failed(SRunner *) {
    return 0;
} // the first one has ended the program
inline void srunner_free(SRunner *suite) {
    for (TCase *tcase : *suite)
        delete tcase;
    delete suite;
}
