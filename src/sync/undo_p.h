/* undo_p.h - shared by undo.c (which run, and all of it) and undo_inverse.c (one person's effects). */
#pragma once
#include "sync/carry_p.h"

enum { EFFECTS_OF_ONE = 8 };
/* One person's effects of the run that is undone. */
struct group {
    int64_t user_id;
    struct effect effects[EFFECTS_OF_ONE];
    size_t n;
};

/* What takes one person's effects back, and what it was found out from. */
struct inverse {
    struct decision x;
    const struct effect *main; /* what was done first */
    struct account_row row;
    struct deciding_answer answer;
    const char *says;    /* of the account as a whole; NULL: fields only */
    bool linked_by_hand; /* it stays linked, and keeps our id */
    bool unlinks;
    bool unheard; /* it shows, and nobody heard that we did it */
    struct text gives_back;
};

/* main, row and answer are filled in; x, says and the rest come out. run_id: the one that is undone.
 * *ret_stays: why all of it stays as it is, as far as that lies with what was done then; missing: it
 * does not. */
enum rc_code undo_invert(struct delivery *d, int64_t run_id, const struct group *g, struct arena *a,
                         struct inverse *v, struct text *ret_stays, struct rc_error *err);
