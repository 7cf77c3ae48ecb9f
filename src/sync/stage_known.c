/* People who are in the directory already: what differs from it, in what was read, in what another mapping makes of
 * what is stored, or because HR does not have them any more. */
#include <string.h>
#include "people/problem.h"
#include "people/stored.h"
#include "sync/stage_p.h"

static enum rc_code read_known(struct stage *s, struct known *k, struct rc_error *err) {
    json doc;
    enum rc_code rc;
    if ((rc = json_parse_copy(s->json_employee, k->row.employee.ptr, k->row.employee.len, &doc,
                              err)) != RC_OK ||
        (rc = stored_employee_read(doc, &s->person, &k->employee, err)) != RC_OK ||
        (rc = json_parse_copy(s->json_user, k->row.user.ptr, k->row.user.len, &doc, err)) !=
            RC_OK ||
        (rc = stored_user_read(doc, &s->person, &k->user, err)) != RC_OK)
        return rc_context(err, RC_FATAL, "version %lld of user %lld", (long long)k->row.run_id,
                          (long long)k->row.user_id);
    return RC_OK;
}

static date_days read_on(const struct stage *s, const struct person *row) {
    date_days row_on = (date_days)(row->read_us / INT64_C(86400000000));
    return s->c.listed_on != DATE_NONE && s->c.listed_on > row_on ? s->c.listed_on : row_on;
}

static struct change_state state_of(const struct stage *s, const struct user *u,
                                    enum presence presence, date_days read_on) {
    struct change_state st = { .user = u };
    struct lifecycle_facts f = lifecycle_facts_of(u, presence, read_on);
    st.lifecycle = lifecycle_decide(&f, &s->c.policy, s->c.today, &st.rule);
    return st;
}

static void count_vanished(struct stage *s, const struct employee *e,
                           const struct employee *known) {
    for (int f = 0; f < USER_FIELDS_N; f++)
        s->run->counts.vanished[f] += mapping_vanished(s->c.mapping, (enum user_field)f, e, known);
}

enum rc_code stage_add_known(struct stage *s, struct employee *e, struct digest *digest,
                             struct known *k, bool *ret_differs, struct rc_error *err) {
    struct user u;
    struct mapping_outcome outcome;
    struct change changes[CHANGES_MAX];
    struct version v = { .user_id = k->row.user_id,
                         .base_run_id = k->row.run_id,
                         .presence = PRESENCE_LISTED,
                         .read_us = clock_now_us(s->c.clock) };
    enum rc_code rc = read_known(s, k, err);
    if (rc != RC_OK)
        return rc;
    count_vanished(s, e, &k->employee);
    if (mapping_keep_known(
            s->c.mapping, e,
            &k->employee)) /* what cannot be read now is known still: that alone is no change */
        digest_employee(s->c.key, e, &s->prepare.scratch, digest);
    v.employee_digest = *digest;
    mapping_build(s->c.mapping, e, &k->user, &s->person, &u, &outcome);
    digest_user(s->c.key, &u, &s->prepare.scratch, &v.user_digest);
    /* Another mapping can find something wrong in the same person. */
    v.problems = problem_find(e, &u, &outcome);
    *ret_differs = !(digest_equal(digest, &k->row.employee_digest) &&
                     digest_equal(&v.user_digest, &k->row.user_digest) &&
                     v.problems == k->row.problems && k->row.presence == PRESENCE_LISTED);
    /* Read by itself, this person is as the directory says. A run that waits for approval may say
     * otherwise, from an older reading: a version of its own leaves the person out of that one. */
    if (!*ret_differs && s->run->kind == RUN_PERSON &&
        (rc = version_waits(s->c.store, s->run->company_id, v.user_id, ret_differs, err)) != RC_OK)
        return rc;
    if (!*ret_differs)
        return RC_OK;
    stage_count_problems(&s->run->counts, v.problems);
    struct change_state before = state_of(s, &k->user, k->row.presence, read_on(s, &k->row));
    struct change_state after = state_of(s, &u, PRESENCE_LISTED, s->c.today);
    size_t n = change_find(&before, &after, changes);
    v.has_left = lifecycle_is_gone(after.lifecycle);
    s->run->counts.changed++;
    stage_add_changes(s, v.user_id, changes, n);
    prepare_texts(&s->prepare, e, &u, &s->person, &v);
    stage_add_version(s, &v);
    return RC_OK;
}

/* What is stored of e, of which k is as it is stored now. */
static bool is_less(struct stage *s, const struct employee *e, const struct known *k) {
    struct buf *b = &s->prepare.scratch;
    buf_clear(b);
    stored_employee_write(e, b);
    return !text_equal(text_from(b->ptr, b->len), k->row.employee);
}

/* What is stored of a person, as a mapping reads it, and the user and the problems it makes. */
static uint64_t remap(struct stage *s, const struct mapping *m, const struct known *k,
                      struct employee *ret_employee, struct user *ret) {
    struct employee_reads reads = mapping_reads(m);
    struct mapping_outcome outcome;
    employee_begin(ret_employee, &reads, &s->person);
    ret_employee->source_id = k->employee.source_id;
    mapping_keep_known(m, ret_employee, &k->employee);
    mapping_build(m, ret_employee, &k->user, &s->person, ret, &outcome);
    return problem_find(ret_employee, ret, &outcome);
}

/* Those that only reading has found, since the mapping that counted until now does not find them in
 * what is stored: they stay until HR is read again, or the address is another one. */
static uint64_t problems_of_reading(struct stage *s, const struct known *k,
                                    const struct user *now) {
    const uint64_t any = (uint64_t)1 << PROBLEM_BAD_DATE | (uint64_t)1 << PROBLEM_BAD_VALUE |
                         (uint64_t)1 << PROBLEM_BAD_EMAIL;
    struct employee e;
    struct user before;
    uint64_t problems = k->row.problems & any;
    if (problems == 0)
        return 0;
    problems &= ~remap(s, s->c.before, k, &e, &before);
    if (!text_equal(now->fields[USER_EMAIL], k->user.fields[USER_EMAIL]))
        problems &= ~((uint64_t)1 << PROBLEM_BAD_EMAIL);
    return problems;
}

static uint64_t problems_with(uint64_t found, uint64_t of_reading) {
    const uint64_t bad_email = (uint64_t)1 << PROBLEM_BAD_EMAIL;
    found |= of_reading;
    return (found & bad_email) != 0 ? found & ~((uint64_t)1 << PROBLEM_NO_EMAIL) : found;
}

enum rc_code stage_known(struct stage *s, const struct person *row, bool drops,
                         struct rc_error *err) {
    struct known k = { .row = *row };
    struct employee e;
    struct user u;
    struct change changes[CHANGES_MAX];
    enum rc_code rc;
    if (s->versions_n == STAGE_BATCH && (rc = stage_flush(s, false, err)) != RC_OK)
        return rc;
    arena_reset(&s->person);
    if ((rc = read_known(s, &k, err)) != RC_OK)
        return rc;
    uint64_t problems = remap(s, s->c.mapping, &k, &e, &u);
    problems = problems_with(problems, problems_of_reading(s, &k, &u));
    s->run->counts.read++;
    stage_see_teams(s, &e);
    bool less = drops && is_less(s, &e, &k);
    if (user_equal(&u, &k.user) && problems == row->problems && !less) {
        s->run->counts.unchanged++;
        return RC_OK;
    }
    struct version v = { .user_id = row->user_id,
                         .base_run_id = row->run_id,
                         .presence = row->presence,
                         .read_us = row->read_us,
                         .employee_digest = row->employee_digest,
                         .problems = problems };
    if (less)
        digest_employee(s->c.key, &e, &s->prepare.scratch, &v.employee_digest);
    digest_user(s->c.key, &u, &s->prepare.scratch, &v.user_digest);
    stage_count_problems(&s->run->counts, v.problems);
    struct change_state before = state_of(s, &k.user, row->presence, read_on(s, row));
    struct change_state after = state_of(s, &u, row->presence, read_on(s, row));
    v.has_left = lifecycle_is_gone(after.lifecycle);
    size_t n = change_find(&before, &after, changes);
    s->run->counts.changed += n > 0;
    s->run->counts.unchanged += n == 0; /* less is stored, another problem, or empty, not unknown */
    for (size_t i = 0; i < n; i++)
        if (strncmp(changes[i].rule, "hr-", 3) == 0)
            changes[i].rule = "remapped"; /* HR has not said a word */
    stage_add_changes(s, v.user_id, changes, n);
    prepare_texts(&s->prepare, &e, &u, &s->person, &v);
    stage_add_version(s, &v);
    return RC_OK;
}

enum rc_code stage_without(struct stage *s, int64_t user_id, enum presence p,
                           struct rc_error *err) {
    struct known k;
    struct change changes[CHANGES_MAX];
    enum rc_code rc;
    if (s->versions_n == STAGE_BATCH && (rc = stage_flush(s, false, err)) != RC_OK)
        return rc;
    arena_reset(&s->person);
    if ((rc = directory_get(s->c.store, s->run->company_id, user_id, &s->person, &k.row, err)) !=
            RC_OK ||
        (rc = read_known(s, &k, err)) != RC_OK)
        return rc;
    struct version v = { .user_id = user_id,
                         .base_run_id = k.row.run_id,
                         .presence = p,
                         .read_us = clock_now_us(s->c.clock),
                         .employee_digest = k.row.employee_digest,
                         .user_digest = k.row.user_digest,
                         .problems = k.row.problems };
    struct change_state before = state_of(s, &k.user, k.row.presence, read_on(s, &k.row));
    struct change_state after = state_of(s, &k.user, p, s->c.today);
    v.has_left = lifecycle_is_gone(after.lifecycle);
    stage_add_changes(s, user_id, changes, change_find(&before, &after, changes));
    prepare_texts(&s->prepare, &k.employee, &k.user, &s->person, &v);
    stage_add_version(s, &v);
    return RC_OK;
}
