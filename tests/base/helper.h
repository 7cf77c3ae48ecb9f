/* helper.h - tables whose rows are tests of their own, and what a process says on stderr before
 * it ends. */
#pragma once
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/check.h"
#include "base/cleanup.h"

/* Appends a test for each row; a row begins with `const char *name`. */
#define ADD_ROWS(tests, n, rows, fn)                                                               \
    for (size_t i_ = 0; i_ < RC_LEN(rows); i_++)                                                   \
        (tests)[(n)++] = (struct CMUnitTest) {                                                     \
            .name = (rows)[i_].name, .test_func = (fn),                                            \
            .initial_state = (void *)(uintptr_t) & (rows)[i_]                                      \
        }
#define ADD_TEST(tests, n, fn) (tests)[(n)++] = (struct CMUnitTest)cmocka_unit_test(fn)
#define RUN_TESTS(tests, n)    _cmocka_run_group_tests(__FILE__, (tests), (n), NULL, NULL)

/* The page of docs/ that is main()'s one argument; NULL: it cannot be read. */
static inline const char *page_of(int argc, char **argv) {
    static char text[1 << 16];
    FILE *f = argc > 1 ? fopen(argv[1], "rb") : NULL;
    size_t len = f != NULL ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f != NULL)
        fclose(f);
    text[len] = '\0';
    return len > 0 ? text : NULL;
}

/* Runs fn in a child, puts what it wrote to stderr into ret, and returns its exit status (-1: a
 * signal ended it). */
static inline int stderr_of(void (*fn)(void), char *ret, size_t ret_bytes) {
    int ends[2], status;
    size_t used = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        fn();
        _exit(0);
    }
    close(ends[1]);
    for (ssize_t n;
         used + 1 < ret_bytes && (n = read(ends[0], ret + used, ret_bytes - 1 - used)) > 0;)
        used += (size_t)n;
    ret[used] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
