/* eight.h - text that is looked at eight bytes at a time.
 *
 * Shape:  pure. What is asked of eight bytes is a test on a word: whether any of them is one that
 *         takes a closer look. In which order the bytes lie in the word does not matter, and it may
 *         hold some of them twice.
 *         Known tricks for such a test: a subtraction of n from each byte borrows into its bit 7
 *         where the byte was smaller, x ^ c is 0 where the byte was c. Carries and borrows disturb
 *         only bytes beside one that is found anyway. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* b in each of the eight */
#define EIGHT_OF(b) (UINT64_C(0x0101010101010101) * (b))

static inline uint64_t eight_at(const char *s) {
    uint64_t x;
    memcpy(&x, s, sizeof x);
    return x;
}

/* Fewer than eight bytes, filled up with blanks. Not copied into eight: the word would wait until
 * all of the small pieces have been written. */
static inline uint64_t eight_filled(const char *s, size_t len) {
    uint32_t first, last;
    uint16_t begin, end;
    if (len >= sizeof first) {
        memcpy(&first, s, sizeof first);
        memcpy(&last, s + len - sizeof last, sizeof last);
        return (uint64_t)first << 32 | last;
    }
    if (len >= sizeof begin) {
        memcpy(&begin, s, sizeof begin);
        memcpy(&end, s + len - sizeof end, sizeof end);
        return EIGHT_OF(' ') << 32 | (uint32_t)begin << 16 | end;
    }
    return len > 0 ? EIGHT_OF(' ') << 8 | (unsigned char)*s : EIGHT_OF(' ');
}

/* Whether the test is true of any. It must not be true of blanks. The last eight overlap those
 * before. */
static inline bool eight_any(const char *s, size_t len, bool (*test)(uint64_t)) {
    if (len < sizeof(uint64_t))
        return test(eight_filled(s, len));
    for (size_t i = 0; i + sizeof(uint64_t) <= len; i += sizeof(uint64_t))
        if (test(eight_at(s + i)))
            return true;
    return test(eight_at(s + len - sizeof(uint64_t)));
}
