#include <string.h>
#include "base/text.h"

enum { LETTERS_MOST = 63 };

size_t text_slips(struct text typed, const char *word) {
    size_t row[LETTERS_MOST + 1], n = strlen(word);
    if (n > LETTERS_MOST || typed.len > LETTERS_MOST)
        return SIZE_MAX;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; i <= typed.len; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t change = corner + (typed.ptr[i - 1] != word[j - 1]);
            size_t add = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            corner = row[j];
            row[j] = change < add ? change : add;
        }
    }
    return row[n];
}
