/* problems.h - what is wrong in HR's data, by cause: whom it is about, and what the colleague in HR must
 * do. Who has left, and whom a filter leaves out, is nobody's concern.
 *
 * Shape:  problems_find() looks at everybody of the company; then the entries of each cause lie there
 *         in the order of their user ids, but for those who share an address: they stand together.
 * Memory: in the arena of the struct show, until problems_done(). */
#pragma once
#include "base/map.h"
#include "people/problem.h"
#include "show/show.h"

enum { /* causes, behind those of people/problem.h */
       PROBLEMS_SHARED_EMAIL = PROBLEMS_N,
       PROBLEMS_UNKNOWN_MANAGER,
       PROBLEMS_MANAGER_LEFT,
       PROBLEMS_CAUSES_N
};
const char *problems_cause_name(int cause); /* "shared-email": shown, never renamed */
const char *problems_cause_todo(int cause);
int problems_cause_parse(const char *word); /* PROBLEMS_CAUSES_N: there is none */

enum { PROBLEMS_NAMED_MOST = 20 }; /* of those who share an address */

struct problems_who { /* of the company; those who have left too: they may be managers */
    int64_t user_id, integration_id;
    const char *id, *name;
    struct text email;
    bool counts; /* has not left, and is not left out */
    bool has_left;
    struct problems_who *next;      /* who states the same address */
    struct problems_who *following; /* by user id */
    struct text manager;            /* their id in HR, of who counts */
};
struct problems_entry {
    const struct problems_who *who;
    const char *text;                /* the problem with its values */
    const struct problems_who *with; /* the first of those who share the address; NULL */
};
struct problems {
    struct show_subjects all;
    int64_t only;         /* integration; 0: all */
    struct map people;    /* "INTEGRATION/source id" -> struct problems_who */
    struct map addresses; /* -> the last struct problems_who who states it */
    struct problems_entry *entries[PROBLEMS_CAUSES_N];
    size_t n[PROBLEMS_CAUSES_N], cap[PROBLEMS_CAUSES_N];
};
/* only: an integration; 0: all of the company. problems_done() also after a failure. */
enum rc_code problems_find(const struct show *s, const struct company *co, int64_t only,
                           struct problems *ret, struct rc_error *err);
void problems_done(struct problems *f);

/* "" when it is there no more. */
struct text problems_integration(const struct problems *f, const struct problems_who *who);
/* {"problem":...,"todo":...,"people":[ of the open array: left open, for its entries. */
void problems_begin(struct json_writer *w, int cause);
void problems_put(struct json_writer *w, const struct problems *f, const struct problems_entry *e);
void problems_end(struct json_writer *w);
