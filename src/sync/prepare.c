#include "sync/prepare.h"

#include <string.h>
#include "people/problem.h"
#include "people/stored.h"

void prepare_init(struct prepare *p, const struct secret_key *key, const struct clock_source *clock,
                  const struct mapping *mapping, const struct lifecycle_policy *policy,
                  date_days today) {
    *p = (struct prepare){
        .key = key, .clock = clock, .mapping = mapping, .policy = *policy, .today = today
    };
    buf_init(&p->scratch, DIGEST_SCRATCH_BYTES);
}

void prepare_done(struct prepare *p) {
    buf_done(&p->scratch);
}

void prepare_person(struct prepare *p, struct prepared *ret) {
    const struct employee *e = &ret->employee;
    ret->has_joiner = false;
    digest_employee(p->key, e, &p->scratch, &ret->digest);
    ret->hash = secret_hash64(p->key, e->source_id.ptr, e->source_id.len);
}

static struct text kept(struct arena *a, const struct buf *b) {
    return text_from(arena_copy(a, b->ptr, b->len), b->len);
}

void prepare_texts(struct prepare *p, const struct employee *e, const struct user *u,
                   struct arena *a, struct version *ret) {
    buf_clear(&p->scratch);
    stored_employee_write(e, &p->scratch);
    ret->employee = kept(a, &p->scratch);
    buf_clear(&p->scratch);
    stored_user_write(u, &p->scratch);
    ret->person = kept(a, &p->scratch);
    ret->source_id = e->source_id;
    ret->email = u->fields[USER_EMAIL];
    ret->manager = u->fields[USER_MANAGER];
    ret->team = u->fields[USER_PRIMARY_TEAM];
}

void prepare_joiner(struct prepare *p, struct prepared *ret, struct arena *a) {
    const struct employee *e = &ret->employee;
    struct version *v = &ret->joiner;
    struct change_state after;
    struct change changes[CHANGES_MAX];
    struct user *u = ARENA_NEW(a, struct user, 1);
    struct mapping_outcome outcome;
    *v = (struct version){ .presence = PRESENCE_LISTED,
                           .read_us = clock_now_us(p->clock),
                           .employee_digest = ret->digest };
    mapping_build(p->mapping, e, NULL, a, u, &outcome);
    digest_user(p->key, u, &p->scratch, &v->user_digest);
    v->problems = problem_find(e, u, &outcome);
    struct lifecycle_facts f = lifecycle_facts_of(u, PRESENCE_LISTED, p->today);
    after.user = u;
    after.lifecycle = lifecycle_decide(&f, &p->policy, p->today, &after.rule);
    v->has_left = lifecycle_is_gone(after.lifecycle);
    change_find(NULL, &after, changes);
    ret->join = changes[0]; /* a joiner is one change */
    prepare_texts(p, e, u, a, v);
    ret->has_joiner = true;
}
