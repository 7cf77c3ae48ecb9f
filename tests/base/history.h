/* history.h - random histories: lists of small numbers, so that one that breaks a promise can be made shorter and
 * shown. What a number means, and whether a promise is broken, the test says.
 *
 * In the environment: LIVES=N tries N of them, SEED=N begins elsewhere, LIFE=N tries that one alone. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HISTORY_MOST = 60 };
struct history_op {
    uint8_t kind, who, what, value;
};
struct history {
    struct history_op ops[HISTORY_MOST];
    size_t n;
};
struct history_test {
    uint32_t kinds_n; /* kinds are 0 to this, without it */
    uint64_t lives;
    /* The promise that the history breaks, the first one, and in ret (500 bytes) how; NULL: none. tells: what happens
     * is printed. */
    const char *(*live)(const struct history *h, bool tells, char *ret);
    const char *
        wanted; /* a negative control: this one has to be broken by one of them. NULL: none may be */
};
/* A failed assertion shows the shortest history that was found. */
void history_try(const struct history_test *t);

#define HISTORY_PICK(list, n) (list)[(n) % RC_LEN(list)]
