/* text.h - the string that everything about people is made of.
 *
 * Shape:  a text carries its length and whether the key was missing, its value empty, or set. HR
 *         that does not send a key says something else than HR that sends null: the first keeps
 *         what is known, the second asks the mapping's empty-value rule (invariant 3).
 * Memory: ptr is borrowed; the arena or buffer behind it is the maker's business.
 * Source: Unicode Standard Annexes 15 (NFC) and 29 (what a reader takes for one character) through
 *         utf8proc, which this folder alone in the program sees. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/error.h"

enum text_state {
    TEXT_MISSING = 0, /* HR did not send the key: keep what is known */
    TEXT_EMPTY,       /* HR sent null or "": the mapping's empty-value rule decides */
    TEXT_SET,         /* UTF-8 of len bytes, at least one; not terminated by a NUL */
};

struct text {
    enum text_state state;
    const char *ptr;
    size_t len;
};

#define TEXT_LIT(s) ((struct text){ TEXT_SET, "" s, sizeof(s) - 1 })
#define TEXT_NONE   ((struct text){ TEXT_EMPTY, "", 0 })
/* For printf: "%.*s", TEXT_ARG(t) */
#define TEXT_ARG(t) (int)(t).len, (t).ptr ? (t).ptr : ""

struct text text_of(const char *s);                   /* NULL is missing, "" is empty; borrowed */
struct text text_from(const char *bytes, size_t len); /* len 0 is empty; borrowed */
struct text text_copy(struct arena *a, struct text t);
const char *text_state_name(enum text_state state); /* "missing", "empty", "set" */
bool text_equal(struct text a, struct text b);      /* same state and same bytes */
bool text_is(struct text t, const char *s);         /* set, and these bytes */
int text_compare(struct text a, struct text b); /* by bytes ("C" order); missing < empty < set */
bool text_is_utf8(const char *bytes, size_t len);

/* What HR typed, as we keep it: outer white space (Unicode, and the invisible U+200B, U+2060,
 * U+FEFF) trimmed, NFC, control characters (C0 but tab and newline, DEL, C1) removed; nothing
 * left means empty. What is clean already is returned as a slice of `bytes`, not copied.
 * RC_INVALID when it is not UTF-8, or clean and longer than max_bytes. */
enum rc_code text_clean(struct arena *a, const char *bytes, size_t len, size_t max_bytes,
                        struct text *ret, struct rc_error *err);

/* An e-mail address, checked: one @, a dot-atom local part (RFC 5322 atext, and UTF-8 beyond
 * ASCII), a domain of at least two labels (letters, digits, hyphens, UTF-8 beyond ASCII; the
 * last not a number), at most 254 bytes and 64 before the @, no blanks, nothing invisible. `t`
 * is already clean. RC_INVALID names the reason, not the address. */
enum rc_code text_email_check(struct text t, struct rc_error *err);

/* A-Z to a-z and nothing else: "I" with a dot or without stays what it is. Addresses are
 * compared in this form. */
struct text text_fold_ascii(struct arena *a, struct text t);

/* Every letter in the other case, one for one (Unicode's simple mapping, whatever the language),
 * written to `room`, which has text_cased_bytes(). The result need not be NFC. */
size_t text_cased_bytes(struct text t, bool upper);
struct text text_cased(struct text t, bool upper, char *room);
/* How many bytes the first characters take, as a reader counts them: a letter with its accents is
 * one, and so is a flag. */
size_t text_first_bytes(struct text t, size_t characters);

/* How many columns a terminal needs for it: wide characters two, combining ones none. */
size_t text_columns(struct text t);

/* "ana@example.org" as "a***@example.org", for logs; "***" when there is no @, "" when not set.
 * One line, cut to fit. */
const char *text_mask_email(struct text t, char ret[64]);

/* Slips between what was written and a word: letters put in, left out or exchanged. Beyond 63 letters nothing
 * is alike: SIZE_MAX. */
size_t text_slips(struct text typed, const char *word);
