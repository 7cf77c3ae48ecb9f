/* Teams that are given to nobody, as somebody has to act first: on the platform, or on a setting. What was found is
 * remembered, so that the next delivery does not list the teams for the same answer. Only waiting is decided by
 * what is remembered: before one is made or linked the teams are listed. */
#include "sync/delivery_p.h"

bool delivery_teams_in_doubt(const struct delivery *d) {
    for (size_t i = 0; i < d->d.teams_n; i++)
        if (d->d.teams[i].decision.waits == DECIDE_WAITS_FOR_READING)
            return true;
    return false;
}

static bool is_the_same(const struct team_sought *a, const struct team_sought *b) {
    return text_equal(a->name, b->name) && a->found == b->found && text_equal(a->id, b->id) &&
           a->is_foreign == b->is_foreign && text_equal(a->missed_id, b->missed_id);
}

/* How many are in them changes: whoever waits is told so, and not decided about for it. */
static bool is_written_the_same(const struct team_sought *a, const struct team_sought *b) {
    return is_the_same(a, b) && text_equal(a->candidates, b->candidates);
}

/* Whoever waits for a team of which something else is so by now is decided about anew. */
static enum rc_code note(struct delivery *d, struct rc_error *err) {
    int64_t company_id = d->company->company_id, destination_id = d->p.destination_id;
    bool is_news = false;
    enum rc_code rc = RC_OK;
    for (size_t i = 0; i < d->d.teams_n && rc == RC_OK; i++) {
        struct deciding_team *t = &d->d.teams[i];
        if (is_written_the_same(&t->row.sought, &t->found))
            continue;
        is_news |= t->row.sought.name.state == TEXT_SET && !is_the_same(&t->row.sought, &t->found);
        rc = team_link_sought(d->st, company_id, destination_id, t->row.team_id, &t->found, err);
    }
    if (rc != RC_OK || !is_news)
        return rc;
    return account_mark_all(d->st, company_id, destination_id, err);
}

enum rc_code delivery_note_teams(struct delivery *d, struct rc_error *err) {
    bool any = false;
    for (size_t i = 0; i < d->d.teams_n && !any; i++)
        any = !is_written_the_same(&d->d.teams[i].row.sought, &d->d.teams[i].found);
    if (!any)
        return RC_OK;
    enum rc_code rc = delivery_begin(d, err);
    if (rc == RC_OK)
        rc = note(d, err);
    if ((rc = delivery_ended(d, rc, err)) != RC_OK)
        return rc;
    for (size_t i = 0; i < d->d.teams_n; i++)
        d->d.teams[i].row.sought = d->d.teams[i].found;
    return RC_OK;
}
