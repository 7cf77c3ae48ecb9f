#include "sync/left.h"

#include <string.h>
#include "people/decide.h"
#include "people/stored.h"
#include "store/directory.h"
#include "store/effect.h"
#include "store/integration.h"
#include "store/our_id.h"
#include "store/run.h"
#include "sync/deciding.h"
#include "sync/delivery.h"
#include "sync/policy_text.h"
#include "sync/since.h"

enum { AT_ONCE = 500 };

struct finding_left {
    struct store *st;
    const struct company *co;
    const struct platform *p;
    struct arena *a; /* what stays */
    struct json_reader *json;
    struct zone *zone;
    struct since since;
    date_days today;
    struct policy policy;
    struct integration *ins;
    size_t ins_n;
    struct run held, last;   /* of the platform; run_id 0: there is none */
    struct text reads_first; /* delivery_reads_first() */
    int64_t now_us;
    struct deciding asked; /* opened with the first who is asked about */
    bool is_asking, cannot_ask;
    struct rc_error *err;
};

/* ---- opening ---- */

/* A zone that this machine does not know keeps nobody from being told: then a day begins as in UTC. */
static enum rc_code open_day(struct finding_left *f, int64_t now_us) {
    enum rc_code rc = company_zone(f->co, &f->zone, NULL);
    if (rc != RC_OK)
        rc = zone_open("UTC", &f->zone, f->err);
    if (rc != RC_OK)
        return rc;
    f->today = zone_today(f->zone, now_us);
    since_open(&f->since, f->st, f->co->company_id, f->zone, now_us);
    return RC_OK;
}

static enum rc_code open_finding(struct finding_left *f, int64_t now_us) {
    int64_t company = f->co->company_id, id = f->p->destination_id;
    enum rc_code rc = open_day(f, now_us);
    if (rc != RC_OK || (rc = policy_text_read(f->p->policy, f->a, &f->policy, f->err)) != RC_OK ||
        (rc = integration_list(f->st, company, f->a, &f->ins, &f->ins_n, f->err)) != RC_OK ||
        (rc = delivery_reads_first(f->st, f->p, f->a, &f->reads_first, f->err)) != RC_OK)
        return rc;
    rc = run_in_state(f->st, company, id, RUN_HELD, f->a, &f->held, f->err);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    rc = run_newest_whole(f->st, company, id, f->a, &f->last, f->err);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static const struct integration *integration_of(const struct finding_left *f, int64_t id) {
    for (size_t i = 0; i < f->ins_n; i++)
        if (f->ins[i].integration_id == id)
            return &f->ins[i];
    return NULL;
}

/* ---- who has left ---- */

static date_days day_of(const struct finding_left *f, int64_t at_us) {
    date_days day = at_us != 0 ? zone_today(f->zone, at_us) : DATE_NONE;
    return day > f->today ? DATE_NONE : day;
}

/* Gone for good, and no setting lets the account stay open today: as a delivery would count, of somebody it has
 * perhaps not looked at since. */
static enum rc_code is_to_be_closed(struct finding_left *f, const struct account_row *row,
                                    const struct person *who, const struct user *u, struct arena *a,
                                    bool *ret) {
    const struct integration *in = integration_of(f, who->integration_id);
    int64_t listed_us = in != NULL ? in->listed_us : 0;
    int64_t read_us = listed_us > who->read_us ? listed_us : who->read_us;
    struct lifecycle_facts facts = lifecycle_facts_of(u, who->presence, day_of(f, read_us));
    struct since_days since;
    struct policy_gone gone = {
        .facts = &facts,
        .lifecycle = lifecycle_decide(&facts, &f->policy.lifecycle, f->today, NULL),
        .since_on = since.on,
        .is_excluded = u->fields[USER_EXCLUDED].state == TEXT_SET,
    };
    *ret = false;
    if (gone.lifecycle != LIFECYCLE_LEFT)
        return RC_OK;
    enum rc_code rc =
        since_find(&f->since, &f->policy, row, who, u, &facts, gone.lifecycle, a, &since, f->err);
    if (rc != RC_OK)
        return rc;
    struct policy_closing closing = policy_closing(&f->policy, &gone, f->today);
    *ret = closing.closes && (closing.on == DATE_NONE || closing.on <= f->today);
    return RC_OK;
}

static enum rc_code read_person(const struct finding_left *f, int64_t user_id, struct arena *a,
                                struct person *ret, struct user *ret_user) {
    json doc;
    enum rc_code rc = directory_get(f->st, f->co->company_id, user_id, a, ret, f->err);
    if (rc != RC_OK ||
        (rc = json_parse_copy(f->json, ret->user.ptr, ret->user.len, &doc, f->err)) != RC_OK ||
        (rc = stored_user_read(doc, a, ret_user, f->err)) != RC_OK)
        return rc == RC_NOT_FOUND ? rc
                                  : rc_context(f->err, RC_FATAL, "user %lld", (long long)user_id);
    return RC_OK;
}

/* ---- what each waits for ---- */

static void says(struct account_row *row, const char *code, const char *sentence) {
    row->code = text_of(code);
    row->sentence = text_of(sentence);
}

/* The last call about them was to close it, and did not. */
static enum rc_code say_call(const struct finding_left *f, struct account_row *row,
                             bool *ret_said) {
    struct effect *e;
    size_t n = 0;
    enum rc_code rc = effect_of_user(f->st, f->co->company_id, f->p->destination_id,
                                     row->is.user_id, 1, f->a, &e, &n, f->err);
    *ret_said = rc == RC_OK && n == 1 && text_is(e->verb, decide_verb_name(DECIDE_DEACTIVATE)) &&
                (e->state == EFFECT_FAILED || e->state == EFFECT_UNSURE || e->state == EFFECT_LOST);
    if (*ret_said)
        says(row, e->state == EFFECT_FAILED ? "refused" : "in-doubt",
             arena_printf(f->a, "run %lld was to close account %.*s, and %s%s%.*s",
                          (long long)e->run_id, TEXT_ARG(row->is.remote_id),
                          e->state == EFFECT_FAILED ? "was refused"
                                                    : "nobody knows that it was done",
                          e->answer.state == TEXT_SET ? ": " : "", TEXT_ARG(e->answer)));
    return rc;
}

static void say_planned(const struct finding_left *f, struct account_row *row) {
    if (f->held.run_id != 0)
        says(row, "held",
             arena_printf(f->a, "run %lld waits for a person", (long long)f->held.run_id));
    else if (f->last.run_id != 0 && f->last.state == RUN_FAILED)
        says(row, "not-delivered",
             arena_printf(f->a, "the last delivery did not come to its end: %.*s",
                          TEXT_ARG(f->last.reason)));
    else
        says(row, "next-delivery", "the next delivery");
}

/* What is kept of the decision may be of days ago: a date has come since, or somebody has said something. Where nobody
 * can decide, as in a time zone that this machine does not know, it is closed as soon as somebody can. */
static enum rc_code decide_now(struct finding_left *f, const struct account_row *own,
                               struct account_row *row, bool *ret_closes) {
    struct deciding_answer x;
    *ret_closes = true;
    if (!f->is_asking) {
        f->cannot_ask = deciding_open(&f->asked, f->st, f->co, f->p, f->now_us, NULL) != RC_OK;
        f->is_asking = true;
    }
    if (f->cannot_ask)
        return RC_OK;
    if (text_is(row->code, DECIDE_CLOCK_IN_DOUBT) &&
        !row->dirty) { /* only a delivery hears their clock */
        *ret_closes = false;
        return RC_OK;
    }
    enum rc_code rc = deciding_ask(&f->asked, own != NULL ? own : row, f->a, &x, f->err);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    *ret_closes = x.decision.verb == DECIDE_DEACTIVATE;
    if (own != NULL &&
        x.refs.twin == NULL) /* what has their id is not looked up before accounts are read */
        *ret_closes = true;
    if (!*ret_closes) {
        row->code = text_of(x.decision.code);
        row->sentence = x.decision.sentence;
    }
    return RC_OK;
}

/* own: of the person, where the account is not theirs yet; else NULL. */
static enum rc_code say_why(struct finding_left *f, const struct person *who,
                            const struct account_row *own, struct account_row *row) {
    bool said = false, closes = false;
    const struct integration *in = integration_of(f, who->integration_id);
    if (!platform_is_fed(f->p, who->integration_id)) {
        says(row, "not-fed",
             arena_printf(f->a, "integration %.*s does not feed %.*s: nobody closes account %.*s",
                          TEXT_ARG(in != NULL ? in->key : TEXT_NONE), TEXT_ARG(f->p->key),
                          TEXT_ARG(row->is.remote_id)));
        return RC_OK;
    }
    bool may_be_back = own != NULL && own->is.email_with_id.state == TEXT_SET &&
                       account_is_approved(&row->is, ACCOUNT_APPROVAL_APART, row->is.remote_id);
    if (row->is.tie == ACCOUNT_IGNORED && !may_be_back) {
        says(row, "ignored",
             arena_printf(f->a, "account %.*s: somebody said to leave it alone",
                          TEXT_ARG(row->is.remote_id)));
        return RC_OK;
    }
    if (own != NULL && account_is_there(&own->is)) {
        says(row, "second-account",
             arena_printf(f->a,
                          "account %.*s has this person's external id, and theirs is account %.*s: "
                          "nobody closes it from here",
                          TEXT_ARG(row->is.remote_id), TEXT_ARG(own->is.remote_id)));
        return RC_OK;
    }
    if (f->p->paused_by.state == TEXT_SET) {
        says(row, "paused", "the destination is paused");
        return RC_OK;
    }
    if (f->reads_first.state == TEXT_SET) {
        says(row, "restored",
             arena_printf(f->a,
                          "the database was put back from a backup: nothing is sent before "
                          "everybody has been read from integration %.*s once more",
                          TEXT_ARG(f->reads_first)));
        return RC_OK;
    }
    enum rc_code rc = decide_now(f, own, row, &closes);
    if (rc != RC_OK || !closes || (rc = say_call(f, row, &said)) != RC_OK || said)
        return rc;
    say_planned(f, row);
    return RC_OK;
}

/* ---- all of them ---- */

struct found_left {
    int64_t after_id;
    size_t most, n, cap;
    int64_t all;
    struct account_row *list;
};

static void keep(const struct finding_left *f, struct found_left *found,
                 const struct account_row *row) {
    if (found->n == found->cap) {
        found->cap = found->cap == 0 ? 8 : found->cap * 2;
        struct account_row *grown = ARENA_NEW(f->a, struct account_row, found->cap);
        for (size_t i = 0; i < found->n; i++)
            grown[i] = found->list[i];
        found->list = grown;
    }
    found->list[found->n++] = *row;
}

/* All of one that has been removed may be nobody's: they are not asked for one by one. */
static bool names_integration(const struct finding_left *f, struct text prefix, struct text id) {
    struct text key, source_id;
    if (!our_id_split(prefix, id, &key, &source_id))
        return false;
    for (size_t i = 0; i < f->ins_n; i++)
        if (text_equal(f->ins[i].key, key))
            return true;
    return false;
}

/* Nobody's, with an id that names somebody: theirs, as the next delivery will see. Their own row stands for the account
 * that they have not, and has what was decided; or is that of another which they have. Not who has not this one by a
 * person's word. */
static enum rc_code find_whose(const struct finding_left *f, struct account_row *row,
                               struct arena *a, struct account_row *ret_own, bool *ret_is_theirs) {
    const struct text prefixes[] = { f->p->prefix, policy_adopts_bare(&f->policy) };
    struct account_row own = account_row_new(0);
    struct person who;
    enum our_id of = OUR_ID_NOT;
    enum rc_code rc = RC_OK;
    for (size_t i = 0; i < RC_LEN(prefixes) && rc == RC_OK && of == OUR_ID_NOT; i++)
        if (names_integration(f, prefixes[i], row->is.external_id))
            rc = our_id_of(f->st, f->co->company_id, prefixes[i], row->is.external_id, a, &of, &who,
                           f->err);
    own.dirty = true;
    *ret_is_theirs = false;
    if (rc != RC_OK || of != OUR_ID_SOMEBODYS)
        return rc;
    rc = account_of_user(f->st, f->co->company_id, f->p->destination_id, who.user_id, a, &own,
                         f->err);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    *ret_is_theirs = own.is.email_with_id.state == TEXT_SET || /* it has their id again */
                     !account_is_approved(&own.is, ACCOUNT_APPROVAL_APART, row->is.remote_id);
    own.is.user_id = who.user_id;
    *ret_own = own;
    own.account_id = row->account_id;
    own.is.remote_id = row->is.remote_id;
    own.is.external_id = row->is.external_id;
    own.is.tie = row->is.tie;
    own.is.status = row->is.status;
    own.is.role = row->is.role;
    memcpy(own.is.fields, row->is.fields, sizeof own.is.fields);
    *row = own;
    return RC_OK;
}

static void take_decided(const struct finding_left *f, const struct account_row *own,
                         struct account_row *row) {
    struct arena *a = f->a;
    row->is.user_id = own->is.user_id;
    row->dirty = own->dirty;
    row->due_on = own->due_on;
    row->verb = text_copy(a, own->verb);
    row->code = text_copy(a, own->code);
    row->sentence = text_copy(a, own->sentence);
    row->waits = text_copy(a, own->waits);
    row->remedy = text_copy(a, own->remedy);
    row->approval = own->approval;
    row->approves = text_copy(a, own->approves);
}

/* The row is read once more, to stay. */
static enum rc_code look_at(struct finding_left *f, struct account_row *row, struct arena *a,
                            struct found_left *found) {
    struct account_row stays, own;
    struct person who;
    struct user u;
    bool is_theirs = true, is_linked = row->is.user_id != 0;
    enum rc_code rc = is_linked ? RC_OK : find_whose(f, row, a, &own, &is_theirs);
    if (rc != RC_OK || !is_theirs)
        return rc;
    rc = read_person(f, row->is.user_id, a, &who, &u);
    if (rc != RC_OK) /* forgotten meanwhile */
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    bool is_to_go = false;
    if ((rc = is_to_be_closed(f, row, &who, &u, a, &is_to_go)) != RC_OK)
        return rc;
    if (!is_to_go || (text_is(row->code, "handed-over") && !row->dirty))
        return RC_OK;
    found->all++;
    if (row->account_id <= found->after_id || found->n == found->most)
        return RC_OK;
    rc = account_get(f->st, f->co->company_id, f->p->destination_id, row->account_id, f->a, &stays,
                     f->err);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    if (stays.is.user_id == 0)
        take_decided(f, row, &stays);
    if ((rc = say_why(f, &who, is_linked ? NULL : &own, &stays)) == RC_OK)
        keep(f, found, &stays);
    return rc;
}

static enum rc_code find_all(struct finding_left *f, struct found_left *found) {
    struct account_row *rows;
    struct arena page;
    int64_t after = 0;
    size_t n = 0;
    enum rc_code rc;
    const struct text adopts = policy_adopts_bare(&f->policy),
                      prefixes[] = { f->p->prefix,
                                     adopts.state == TEXT_SET ? adopts : f->p->prefix };
    arena_init(&page);
    do {
        arena_reset(&page);
        rc = account_maybe_left(f->st, f->co->company_id, f->p->destination_id, f->today, prefixes,
                                after, AT_ONCE, &page, &rows, &n, f->err);
        for (size_t i = 0; i < n && rc == RC_OK; i++) {
            after = rows[i].account_id;
            rc = look_at(f, &rows[i], &page, found);
        }
    } while (rc == RC_OK && n == AT_ONCE);
    arena_done(&page);
    return rc;
}

enum rc_code left_find(struct store *st, const struct company *co, const struct platform *p,
                       int64_t now_us, int64_t after_id, size_t most, struct arena *a,
                       struct account_row **ret, size_t *ret_n, int64_t *ret_all,
                       struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    struct finding_left f = {
        .st = st, .co = co, .p = p, .a = a, .json = reader, .now_us = now_us, .err = err
    };
    struct found_left found = { .after_id = after_id, .most = most };
    enum rc_code rc = open_finding(&f, now_us);
    if (rc == RC_OK)
        rc = find_all(&f, &found);
    since_close(&f.since);
    zone_close(f.zone);
    if (f.is_asking)
        deciding_close(&f.asked);
    if (rc != RC_OK)
        return rc;
    *ret = found.list;
    *ret_n = found.n;
    *ret_all = found.all;
    return RC_OK;
}
