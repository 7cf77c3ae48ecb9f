#include "sync/deciding.h"

#include <string.h>
#include "people/stored.h"
#include "store/our_id.h"
#include "sync/deciding_p.h"
#include "sync/policy_text.h"

/* ---- opening ---- */

/* A day that has not come yet is out of a clock that went wrong: nobody knows when it was. */
static date_days day_of(const struct deciding *d, int64_t at_us) {
    date_days day = at_us != 0 ? zone_today(d->zone, at_us) : DATE_NONE;
    return day == DATE_NONE || day > d->today ? DATE_NONE : day;
}

static enum rc_code read_feeds(struct deciding *d, struct rc_error *err) {
    d->feeds = ARENA_NEW(&d->arena, struct deciding_feed, d->platform->feeds_n + 1);
    for (size_t i = 0; i < d->platform->feeds_n; i++) {
        struct deciding_feed *f = &d->feeds[d->feeds_n];
        enum rc_code rc = integration_get(d->st, d->company->company_id, d->platform->feeds[i],
                                          NULL, &d->arena, &f->in, err);
        if (rc != RC_OK)
            return rc;
        f->listed_on = day_of(d, f->in.listed_us);
        if ((rc = deciding_held_import(d, f->in.integration_id, &d->arena, &f->held_run_id, err)) !=
            RC_OK)
            return rc;
        d->feeds_n++;
    }
    return RC_OK;
}

enum rc_code deciding_open(struct deciding *d, struct store *st, const struct company *company,
                           const struct platform *p, int64_t now_us, struct rc_error *err) {
    enum rc_code rc = deciding_open_without_teams(d, st, company, p, now_us, err);
    return rc != RC_OK ? rc : deciding_teams(d, NULL, 0, err);
}

enum rc_code deciding_open_without_teams(struct deciding *d, struct store *st,
                                         const struct company *company, const struct platform *p,
                                         int64_t now_us, struct rc_error *err) {
    enum rc_code rc;
    *d = (struct deciding){ .st = st, .company = company, .platform = p };
    arena_init(&d->arena);
    d->ops = destination_find(arena_printf(&d->arena, "%.*s", TEXT_ARG(p->adapter)));
    map_init(&d->teams_by_key);
    map_init(&d->teams_by_remote);
    deciding_bosses_init(d);
    d->json = json_reader_new(1 << 20);
    d->first_delivery = p->delivered_us == 0;
    d->looked_up = p->listed_us != 0;
    if ((rc = policy_text_read(p->policy, &d->arena, &d->policy, err)) != RC_OK ||
        (rc = company_zone(company, &d->zone, err)) != RC_OK)
        return rc;
    policy_caps_read(p->caps, &d->arena, &d->policy.caps);
    d->today = zone_today(d->zone, now_us);
    since_open(&d->since, st, company->company_id, d->zone, now_us);
    rc = read_feeds(d, err);
    return rc != RC_OK ? rc : deciding_pins(d, err);
}

void deciding_close(struct deciding *d) {
    map_done(&d->teams_by_key);
    map_done(&d->teams_by_remote);
    deciding_bosses_done(d);
    json_reader_free(d->json);
    since_close(&d->since);
    zone_close(d->zone);
    arena_done(&d->arena);
}

const struct deciding_feed *deciding_feed_of(const struct deciding *d, int64_t integration_id) {
    for (size_t i = 0; i < d->feeds_n; i++)
        if (d->feeds[i].in.integration_id == integration_id)
            return &d->feeds[i];
    return NULL;
}

static struct text external_id(struct text prefix, const struct deciding_feed *f, struct text id,
                               struct arena *a) {
    const struct text parts[] = { prefix, f->in.key, id };
    size_t len = 2, at = 0;
    for (size_t i = 0; i < RC_LEN(parts); i++)
        len += parts[i].len;
    char *bytes = arena_alloc(a, len + 1);
    for (size_t i = 0; i < RC_LEN(parts); i++) {
        if (i > 0)
            bytes[at++] = ':';
        if (parts[i].len > 0)
            memcpy(bytes + at, parts[i].ptr, parts[i].len);
        at += parts[i].len;
    }
    bytes[at] = '\0';
    return text_from(bytes, at);
}

struct text deciding_external_id(const struct deciding *d, const struct deciding_feed *f,
                                 struct text id, struct arena *a) {
    return external_id(d->platform->prefix, f, id, a);
}

/* ---- people ---- */

static void keep_texts(struct user *u, struct arena *a) {
    struct user_custom *custom = ARENA_NEW(a, struct user_custom, u->custom_n + 1);
    for (int f = 0; f < USER_FIELDS_N; f++)
        u->fields[f] = text_copy(a, u->fields[f]);
    for (size_t i = 0; i < u->custom_n; i++)
        custom[i] = (struct user_custom){ u->custom[i].name, text_copy(a, u->custom[i].value) };
    u->custom = custom;
}

enum rc_code deciding_read_person(struct deciding *d, struct arena *a, struct deciding_person *ret,
                                  struct rc_error *err) {
    json doc;
    enum rc_code rc;
    ret->feed = deciding_feed_of(d, ret->row.integration_id);
    if (ret->feed == NULL)
        return rc_fail_as(err, RC_NOT_FOUND, "person.unknown",
                          "no integration of theirs feeds this platform");
    if ((rc = json_parse_copy(d->json, ret->row.user.ptr, ret->row.user.len, &doc, err)) != RC_OK ||
        (rc = stored_user_read(doc, a, &ret->user, err)) != RC_OK)
        return rc_context(err, RC_FATAL, "user %lld", (long long)ret->row.user_id);
    keep_texts(&ret->user, a);
    date_days read_on = day_of(d, ret->row.read_us);
    if (ret->feed->listed_on != DATE_NONE &&
        (read_on == DATE_NONE || ret->feed->listed_on > read_on))
        read_on = ret->feed->listed_on;
    ret->facts = lifecycle_facts_of(&ret->user, ret->row.presence, read_on);
    ret->lifecycle =
        lifecycle_decide(&ret->facts, &d->policy.lifecycle, d->today, &ret->lifecycle_rule);
    ret->external_id = deciding_external_id(d, ret->feed, ret->row.source_id, a);
    return RC_OK;
}

enum rc_code deciding_person(struct deciding *d, int64_t user_id, struct arena *a,
                             struct deciding_person *ret, struct rc_error *err) {
    const struct person *ahead = deciding_ahead_person(d, user_id);
    if (ahead != NULL) {
        ret->row = *ahead;
        return deciding_read_person(d, a, ret, err);
    }
    enum rc_code rc = directory_get(d->st, d->company->company_id, user_id, a, &ret->row, err);
    return rc != RC_OK ? rc : deciding_read_person(d, a, ret, err);
}

enum rc_code deciding_account_there(struct deciding *d, int64_t user_id, struct arena *a,
                                    struct account_row *ret, bool *ret_has, struct rc_error *err) {
    enum rc_code rc = account_of_user(d->st, d->company->company_id, d->platform->destination_id,
                                      user_id, a, ret, err);
    *ret_has = rc == RC_OK && account_exists(&ret->is);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum lifecycle deciding_counts_as(const struct deciding_person *p, const struct account *is) {
    bool is_shut = is->status == ACCOUNT_DEACTIVATED;
    return is_shut && lifecycle_rule_is_past_end(p->lifecycle_rule) ? LIFECYCLE_LEFT : p->lifecycle;
}

/* ---- the question ---- */

/* Stated as the platform will show it: "en-GB" is "en" there, and the same value is sent once. */
static void in_its_words(const struct deciding *d, struct user *u, struct arena *a) {
    for (int f = 0; d->ops != NULL && d->ops->shown_as != NULL && f < USER_FIELDS_N; f++)
        if (u->fields[f].state == TEXT_SET)
            u->fields[f] = text_copy(a, d->ops->shown_as((enum user_field)f, u->fields[f]));
}

static enum rc_code find_twin(struct deciding *d, struct text id, struct arena *a,
                              struct decide_refs *refs, struct rc_error *err) {
    struct account_row *twin = ARENA_NEW(a, struct account_row, 1);
    enum rc_code rc = account_by_external(d->st, d->company->company_id,
                                          d->platform->destination_id, id, a, twin, err);
    if (rc == RC_OK)
        refs->twin = &twin->is;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* A person has said that it is somebody else's by now, of what it showed then. Found as what has their id is. */
static enum rc_code find_given_back(struct deciding *d, const struct account *own, struct arena *a,
                                    struct deciding_answer *ret, struct rc_error *err) {
    const struct deciding_person *p = &ret->person;
    struct text apart = own->approved[ACCOUNT_APPROVAL_APART];
    struct account_row *there = ARENA_NEW(a, struct account_row, 1);
    if (account_exists(own) || own->email_with_id.state != TEXT_SET || apart.state != TEXT_SET)
        return RC_OK;
    enum rc_code rc = account_by_remote(d->st, d->company->company_id, d->platform->destination_id,
                                        apart, a, there, err);
    if (rc == RC_OK && decide_is_back(own, &there->is, &p->user, p->external_id)) {
        there->is.tie = ACCOUNT_OURS;
        ret->refs.twin = &there->is;
        ret->refs.twin_is_back = true;
    }
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* Whose account has the person's external id. Asked about those who have none, or one that was deleted, and about
 * accounts that were linked by hand and have not got theirs: few. */
static enum rc_code gather_external(struct deciding *d, const struct account_row *row,
                                    struct arena *a, struct deciding_answer *ret,
                                    struct rc_error *err) {
    int64_t c = d->company->company_id, there = d->platform->destination_id;
    struct text id = ret->person.external_id;
    struct decide_refs *refs = &ret->refs;
    bool has = account_is_there(&row->is);
    enum rc_code rc = d->looked_up ? find_given_back(d, &row->is, a, ret, err) : RC_OK;
    if (rc != RC_OK || refs->twin != NULL || !d->looked_up ||
        (has && !account_is_approved(&row->is, ACCOUNT_APPROVAL_ADOPT, row->is.remote_id)) ||
        (!has && deciding_has_no_twin(d, id)))
        return rc;
    rc = has ? RC_OK : find_twin(d, id, a, refs, err);
    if (rc != RC_OK || refs->twin != NULL)
        return rc;
    struct account_row *other = ARENA_NEW(a, struct account_row, 1);
    rc = account_carrying(d->st, c, there, id, row->account_id, a, other, err);
    if (rc == RC_OK)
        refs->carrier = &other->is;
    refs->shows_anothers_id = has && our_id_begins(d->platform->prefix, row->is.external_id) &&
                              !text_equal(row->is.external_id, id);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* Whoever works there is found by their address, in the first delivery, and gets an id of now. Of whoever left nobody
 * looks at the address: it may be somebody else's by now. */
static enum rc_code find_declared_twin(struct deciding *d, const struct deciding_person *p,
                                       struct arena *a, struct decide_refs *refs,
                                       struct rc_error *err) {
    struct text prefix = policy_adopts_bare(&d->policy);
    if (refs->twin != NULL || prefix.state != TEXT_SET)
        return RC_OK;
    enum rc_code rc = find_twin(d, external_id(prefix, p->feed, p->row.source_id, a), a, refs, err);
    refs->twin_is_declared = refs->twin != NULL;
    return rc;
}

static enum rc_code gather(struct deciding *d, const struct account_row *row, struct arena *a,
                           struct deciding_answer *ret, struct rc_error *err) {
    const struct deciding_person *p = &ret->person;
    struct decide_refs *refs = &ret->refs;
    enum rc_code rc;
    refs->first_delivery = d->first_delivery;
    refs->clock_in_doubt = d->clock_in_doubt;
    if (deciding_asks_about_address(p->user.fields[USER_EMAIL], &row->is) &&
        ((rc = deciding_claim(d, p, a, &refs->claim, err)) != RC_OK ||
         (rc = deciding_holder(d, p, a, ret, err)) != RC_OK))
        return rc;
    if ((rc = deciding_manager_ref(d, p, &ret->account, a, ret, err)) != RC_OK ||
        (rc = deciding_secondary_ref(d, p, a, refs, err)) != RC_OK)
        return rc;
    refs->team = deciding_team_ref(d, p->row.integration_id, p->user.fields[USER_PRIMARY_TEAM], a);
    refs->leaves_team = deciding_leaves_team(d, &ret->account, refs->team);
    bool has_none = !account_exists(&row->is) && d->looked_up;
    if ((rc = gather_external(d, row, a, ret, err)) != RC_OK)
        return rc;
    if (!lifecycle_is_gone(p->lifecycle) && !deciding_is_excluded(p))
        return RC_OK;
    if (has_none && (rc = find_declared_twin(d, p, a, refs, err)) != RC_OK)
        return rc;
    if ((rc = deciding_held_otherwise(d, p, a, &refs->held_run_id, err)) != RC_OK)
        return rc;
    return refs->twin != NULL ? deciding_twin_heir(d, p, refs->twin, a, &refs->heir, err)
                              : deciding_heir(d, p, &row->is, a, &refs->heir, err);
}

static struct decide_person person_of(const struct deciding_answer *x) {
    struct decide_person ret = { .user_id = x->person.row.user_id,
                                 .user = &x->person.user,
                                 .problems = x->person.row.problems,
                                 .facts = x->person.facts,
                                 .since_new = x->since.new,
                                 .external_id = x->person.external_id };
    memcpy(ret.since_on, x->since.on, sizeof ret.since_on);
    return ret;
}

/* While the clock is in doubt nothing is written down by it, nor what it told when HR was read. */
static enum rc_code note_since(struct deciding *d, const struct account_row *row, struct arena *a,
                               struct deciding_answer *ret, struct rc_error *err) {
    const struct deciding_person *p = &ret->person;
    const struct account *twin = ret->refs.twin;
    struct account_row as;
    if (twin != NULL) { /* which is theirs from now on */
        as = *row;
        as.is.status = twin->status;
        row = &as;
    }
    enum rc_code rc = since_find(&d->since, &d->policy, row, &p->row, &p->user, &p->facts,
                                 p->lifecycle, a, &ret->since, err);
    if (rc != RC_OK)
        return rc;
    ret->account.gone = d->clock_in_doubt ? row->is.gone : ret->since.gone;
    ret->gone_on = d->clock_in_doubt ? row->gone_on : ret->since.gone_on;
    ret->excluded_on = d->clock_in_doubt ? row->excluded_on : ret->since.excluded_on;
    return RC_OK;
}

/* About a person who is known. */
static enum rc_code ask(struct deciding *d, const struct account_row *row, struct arena *a,
                        struct deciding_answer *ret, struct rc_error *err) {
    enum rc_code rc;
    if ((rc = deciding_only_ours(d, &ret->account, a, err)) != RC_OK ||
        (rc = gather(d, row, a, ret, err)) != RC_OK)
        return rc;
    deciding_gather_pins(d, row, a, ret);
    if ((rc = note_since(d, row, a, ret, err)) != RC_OK)
        return rc;
    const struct decide_person person = person_of(ret);
    decide(&person, &ret->account, &d->policy, &ret->refs, d->today, a, &ret->decision);
    return RC_OK;
}

enum rc_code deciding_ask(struct deciding *d, const struct account_row *row, struct arena *a,
                          struct deciding_answer *ret, struct rc_error *err) {
    enum rc_code rc;
    *ret = (struct deciding_answer){ .account = row->is,
                                     .gone_on = DATE_NONE,
                                     .excluded_on = DATE_NONE };
    if ((rc = deciding_person(d, row->is.user_id, a, &ret->person, err)) != RC_OK)
        return rc;
    in_its_words(d, &ret->person.user, a);
    return ask(d, row, a, ret, err);
}

enum rc_code deciding_ask_ahead(struct deciding *d, const struct account_row *row, date_days until,
                                struct arena *a, struct deciding_answer *ret, date_days *ret_on,
                                struct rc_error *err) {
    struct decision then;
    enum rc_code rc = deciding_ask(d, row, a, ret, err);
    *ret_on = DATE_NONE;
    if (rc != RC_OK || ret->decision.waits == DECIDE_WAITS_FOR_READING)
        return rc;
    const struct decide_person person = person_of(ret);
    if (decide_is_step(&ret->decision))
        *ret_on = d->today;
    else if (decide_next_step(&person, &ret->account, &d->policy, &ret->refs, d->today, until, a,
                              &then, ret_on))
        ret->decision = then;
    return RC_OK;
}

enum rc_code deciding_ask_again(struct deciding *d, const struct account_row *row, struct arena *a,
                                struct deciding_answer *ret, struct rc_error *err) {
    ret->account = row->is;
    ret->refs = (struct decide_refs){ 0 };
    ret->decision = (struct decision){ 0 };
    ret->awaits_manager_id = ret->awaits_holder_id = 0;
    ret->gone_on = ret->excluded_on = DATE_NONE;
    ret->ended_n = 0;
    return ask(d, row, a, ret, err);
}
