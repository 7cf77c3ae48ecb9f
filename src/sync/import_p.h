/* import_p.h - shared by the files of the import only: import.c (a run), import_list.c (everybody),
 * lookup.c (the missing), settle.c (guard, apply), mapped.c (another mapping), few.c (single people, on a hint). */
#pragma once
#include "sync/guard.h"
#include "sync/import.h"
#include "sync/stage.h"

struct import {
    struct stage_context c;
    const struct import_options *o;
    const struct company *company;
    struct integration in;
    struct guard_limits limits;
    struct source *source;
    struct stage *stage;
    struct run *run;
    struct arena *arena; /* of the run */
    struct import_progress *progress;
    struct text rights_now; /* JSON, missing when the source tells none */
    bool rights_as_before;  /* 404 may be believed */
    int64_t not_looked_up;  /* missing, and too many to ask for */
    bool few;               /* what would be held is left to a listing instead */
};

void import_phase(struct import *im, enum import_phase p);
/* Opens lease and context for an integration, with the mapping that im->run activates, else the
 * active one. */
enum rc_code import_prepare(struct import *im, struct store *st, const struct secret_key *k,
                            const struct company *company, const struct integration *in,
                            const struct clock_source *clock, struct lease *lease, struct arena *a,
                            struct rc_error *err);

/* As import_connect(), for a source that need not be in the table. */
enum rc_code import_connect_to(const struct source_ops *ops, const struct integration *in,
                               const struct mapping *m, const struct clock_source *clock,
                               struct source **ret, struct rc_error *err);

/* Writes the run, listing, under the lease. */
enum rc_code import_begin(struct import *im, enum run_kind kind, bool preview,
                          struct rc_error *err);

static inline bool import_is_first(const struct import *im) {
    return im->in.listed_us == 0;
}

/* import_list.c */
/* Until one listing is proven complete. The proof stays with the run in any case. */
enum rc_code import_list(struct import *im, struct rc_error *err);

/* lookup.c */
/* What the credential may read, as JSON {"attributes":[...],"labels":[...],"scopes":"..."}, the
 * labels beside the keys, as HR shows them; compared with the last applied listing. */
enum rc_code lookup_rights(struct import *im, struct rc_error *err);
/* Stages those whom a complete listing did not bring; moves the run from listing to checking.
 * RC_INVALID "listing.other-account". */
enum rc_code lookup_stage_missing(struct import *im, struct rc_error *err);
/* Asks for each staged missing person. Afterwards none of them is more certain than HR's own words.
 * */
enum rc_code lookup_missing(struct import *im, struct rc_error *err);

/* settle.c */
/* From checking to passed, held or previewed; a run that passed is applied. */
enum rc_code settle_run(struct import *im, struct rc_error *err);
/* The one short transaction. */
enum rc_code settle_apply(struct import *im, struct rc_error *err);
/* What the guard's windows have seen before; ret->population[GUARD_RUN] is there already. */
enum rc_code settle_look_back(struct store *st, const struct integration *in, int64_t now_us,
                              struct arena *a, struct guard_input *ret, struct rc_error *err);
enum rc_code settle_fail(struct store *st, struct run *run, const struct clock_source *clock,
                         const char *reason, struct rc_error *err);
