/* names.h - given and family names of many languages and scripts, with the ASCII form that a mail
 * system makes of them.
 *
 * Shape:  names come in groups (a language each), so that a person's two names belong together. A
 *         name is known by its number, which never changes within one build: people keep two
 *         numbers instead of two strings.
 * Memory: names_init() cuts the tables once; the texts live as long as the process. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "base/rng.h"

struct name {
    const char *text, *ascii;
    uint16_t text_n, ascii_n;
    char gender; /* 'f', 'm', 'd' for given names; 0 for family names */
};

void names_init(void);
size_t names_first_count(void);
size_t names_last_count(void);
const struct name *name_first(unsigned n);
const struct name *name_last(unsigned n);
/* Two names of one group; a few groups are more frequent than the others. */
void names_pick(struct rng *r, uint16_t *ret_first, uint16_t *ret_last);
uint16_t names_pick_last(struct rng *r);
