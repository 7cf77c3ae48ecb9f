#include "sandbox/learnamp/numbers.h"
#include <string.h>
#include "base/arena.h"

/* Where it is, or where it would be. */
static size_t place(const struct numbers *s, uint32_t number) {
    size_t low = 0, high = s->n;
    if (s->n > 0 && s->all[s->n - 1] < number)
        return s->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->all[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool numbers_have(const struct numbers *s, uint32_t number) {
    size_t at = place(s, number);
    return at < s->n && s->all[at] == number;
}

bool numbers_add(struct numbers *s, uint32_t number) {
    size_t at = place(s, number);
    if (at < s->n && s->all[at] == number)
        return false;
    if (s->n == s->cap) {
        s->cap = s->cap == 0 ? 4 : s->cap * 2;
        s->all = mem_realloc(s->all, s->cap * sizeof *s->all);
    }
    memmove(s->all + at + 1, s->all + at, (s->n - at) * sizeof *s->all);
    s->all[at] = number;
    s->n++;
    return true;
}

bool numbers_remove(struct numbers *s, uint32_t number) {
    size_t at = place(s, number);
    if (at == s->n || s->all[at] != number)
        return false;
    s->n--;
    memmove(s->all + at, s->all + at + 1, (s->n - at) * sizeof *s->all);
    return true;
}

void numbers_clear(struct numbers *s) {
    s->n = 0;
}

void numbers_done(struct numbers *s) {
    mem_free(s->all);
    *s = (struct numbers){ 0 };
}
