/* few.h - a few people whom hints name are read from HR one by one, and applied: a small run.
 *
 * Such a run says something about those whom it read, and nothing about anybody else, nor about
 * absence: whoever HR does not know closes nobody. Whatever it may not decide is left to a listing of
 * everybody: somebody missing, a team or manager not known yet (a team's name is everybody's), somebody
 * whom a held run holds, more of anything than the guard lets pass, other settings or another mapping
 * than everybody was listed with, a run that another process has left.
 *
 * Order:  lease, the people one by one, and only if one of them differs a run: stage, guard, apply.
 *         Whoever is as the directory says costs a call to HR and writes nothing.
 * Errors: RC_CONFLICT "busy" while another import has the integration; whatever the source says: then
 *         nobody was applied, and ret of each person is unchanged. */
#pragma once
#include "sync/import.h"

enum few_end {
    FEW_SAME = 0, /* HR shows what the directory says */
    FEW_CHANGED,  /* it showed something else, which is applied */
    FEW_UNKNOWN,  /* neither HR nor the directory has that id: perhaps not yet */
    FEW_LISTING,  /* a listing has to say */
};
struct few_person {
    struct text source_id;
    int64_t told_us; /* by HR's clock: what it told last about them; 0: not said */
    enum few_end end;
    int64_t shown_us; /* when HR says that it changed last what it shows; 0: it does not */
    const char *why;  /* of FEW_LISTING, a sentence for the log */
};
enum { FEW_MOST = 200 };

struct few_options {
    const char *who;
    const struct clock_source *clock;
    const struct source_ops *source; /* NULL: the integration's */
};
/* people: no id twice, at most FEW_MOST. ret->run_id 0: nobody differs, and there was no run. */
enum rc_code few_run(struct store *st, const struct secret_key *k, const struct company *company,
                     const struct integration *in, const struct few_options *o,
                     struct few_person *people, size_t n, struct arena *a, struct run *ret,
                     struct rc_error *err);
