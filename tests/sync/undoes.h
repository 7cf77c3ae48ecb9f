/* undoes.h - what is undone, on a company whose people are on a platform in memory (tests/sync/delivers.h). */
#pragma once
#include "tests/sync/delivers.h"

/* A minute later. */
enum rc_code undoes_try(struct delivers *d, int64_t run_id, struct run *r);
/* Previewed, and nothing is sent. */
struct run undoes_plan(struct delivers *d, int64_t run_id);
/* Previewed and approved. */
struct run undoes_run(struct delivers *d, int64_t run_id);

/* A person is edited in HR, and the delivery of it. */
struct run undoes_change(struct delivers *d, const char *person, const char *pair);

/* Three people, and a fourth who had an account there: the delivery that has linked it. */
struct run undoes_linked(struct delivers *d, struct text *ret_id);

/* Three days with everybody read on both sides; false: something was sent again. */
bool undoes_stays(struct delivers *d);
size_t undoes_pins(struct delivers *d);
bool undoes_shows(struct delivers *d, const char *person, const char *field, const char *value);

/* A joiner, another title and a leaver, cut off while they were carried out. */
struct undoes_cut {
    const char *name;
    bool sent, arrived; /* calls were out; they were carried out there */
};
/* What was previewed was being carried out when the process died, with calls out up to that pass; 0: none. */
void undoes_cut(struct delivers *d, int pass);
struct run undoes_cut_off(struct delivers *d, const struct undoes_cut *row);
