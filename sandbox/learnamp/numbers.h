/* numbers.h - a small set of numbers in ascending order: who is in a team, who reports to somebody.
 *
 * Memory: numbers_done() frees; all zero is an empty set. Adding behind the largest and asking are
 *         cheap, in the middle 4 bytes move for each number behind. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct numbers {
    uint32_t *all;
    size_t n, cap;
};
bool numbers_add(struct numbers *s, uint32_t number);    /* false: it was there */
bool numbers_remove(struct numbers *s, uint32_t number); /* false: it was not there */
bool numbers_have(const struct numbers *s, uint32_t number);
void numbers_clear(struct numbers *s); /* keeps the memory */
void numbers_done(struct numbers *s);
