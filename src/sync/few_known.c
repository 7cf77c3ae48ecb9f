#include "sync/few_known.h"

#include <string.h>
#include "people/digest.h"
#include "people/stored.h"
#include "sync/hints_people.h"

enum { CLOSE_S = 60 }; /* an event so long before the last reading may still be news to it */

/* ---- which is older ---- */

enum few_age few_age(const struct few_times *t, bool comes_back) {
    static const int64_t second_us = 1000000;
    int64_t told = t->told_us / second_us, shown = t->shown_us / second_us;
    int64_t known = t->known_us / second_us, now = t->now_us / second_us;
    bool lags = known + HINT_LONGEST_S > now; /* what was known then need not be everywhere yet */
    if (shown > known)
        return FEW_NEWER;
    if (shown != 0 && shown < told && (told <= known || lags))
        return FEW_OLDER;
    if (comes_back) /* closed again a moment later is bad; open for somebody who left is worse */
        return FEW_UNSURE;
    if (shown == 0)
        return told != 0 && told <= known ? FEW_UNSURE : FEW_NEWER;
    return lags && told + CLOSE_S < known ? FEW_UNSURE : FEW_NEWER;
}

/* ---- what differs ---- */

struct stored {
    struct json_reader *employee_json, *user_json; /* the texts lie in them */
    struct employee employee;
    struct user user;
};

static enum rc_code read_stored(const struct person *p, struct arena *a, struct stored *ret,
                                struct rc_error *err) {
    json doc;
    enum rc_code rc;
    if ((rc = json_parse_copy(ret->employee_json, p->employee.ptr, p->employee.len, &doc, err)) !=
            RC_OK ||
        (rc = stored_employee_read(doc, a, &ret->employee, err)) != RC_OK ||
        (rc = json_parse_copy(ret->user_json, p->user.ptr, p->user.len, &doc, err)) != RC_OK ||
        (rc = stored_user_read(doc, a, &ret->user, err)) != RC_OK)
        return rc_context(err, RC_FATAL, "version %lld of user %lld", (long long)p->run_id,
                          (long long)p->user_id);
    return RC_OK;
}

static bool is_gone(const struct import *im, const struct lifecycle_facts *f) {
    return lifecycle_is_gone(lifecycle_decide(f, &im->c.policy, im->c.today, NULL));
}

static date_days read_on(const struct import *im, const struct person *p) {
    date_days day = (date_days)(p->read_us / INT64_C(86400000000));
    return im->c.listed_on != DATE_NONE && im->c.listed_on > day ? im->c.listed_on : day;
}

static void look(const struct import *im, const struct person *known, const struct employee *e,
                 const struct stored *s, struct few_known *ret) {
    struct employee filled = *e;
    struct digest digest;
    struct user u;
    struct buf scratch;
    filled.custom = ARENA_NEW(im->arena, struct employee_custom, e->custom_n + 1);
    if (e->custom_n > 0)
        memcpy(filled.custom, e->custom, e->custom_n * sizeof *e->custom);
    mapping_keep_known(im->c.mapping, &filled, &s->employee);
    buf_init(&scratch, DIGEST_SCRATCH_BYTES);
    digest_employee(im->c.key, &filled, &scratch, &digest);
    buf_done(&scratch);
    mapping_build(im->c.mapping, &filled, &s->user, im->arena, &u, NULL);
    ret->differs =
        known->presence != PRESENCE_LISTED || !digest_equal(&digest, &known->employee_digest);
    struct lifecycle_facts before =
                               lifecycle_facts_of(&s->user, known->presence, read_on(im, known)),
                           now = lifecycle_facts_of(&u, PRESENCE_LISTED, im->c.today);
    ret->comes_back = is_gone(im, &before) && !is_gone(im, &now);
    ret->leaves_undated = !is_gone(im, &before) && is_gone(im, &now) &&
                          (now.leave_on == DATE_NONE || now.leave_on > im->c.today);
}

enum rc_code few_known_compare(struct import *im, const struct person *known,
                               const struct employee *e, struct few_known *ret,
                               struct rc_error *err) {
    enum { BYTES = 1 << 20 };
    struct stored s = { .employee_json = json_reader_new(BYTES),
                        .user_json = json_reader_new(BYTES) };
    enum rc_code rc = read_stored(known, im->arena, &s, err);
    if (rc == RC_OK)
        look(im, known, e, &s, ret);
    json_reader_free(s.employee_json);
    json_reader_free(s.user_json);
    return rc;
}
