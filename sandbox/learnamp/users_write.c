/* users_write.c - users that are made and changed: what was read and checked is carried out.
 * Source: docs/wire-learnamp.md, creating and updating. */
#include <stdio.h>
#include <string.h>
#include "sandbox/learnamp/learnamp.h"

struct writing {
    struct platform *p;
    const struct happening *h;
    const struct wanted *w;
    uint32_t index;
    bool changed, teams_changed;
    char what[100]; /* for the trail */
};

static struct account *account_of(const struct writing *x) {
    return &x->p->accounts[x->index];
}

static void note(struct writing *x, const char *what) {
    size_t n = strlen(x->what);
    snprintf(x->what + n, sizeof x->what - n, "%s%s", n > 0 ? ", " : "", what);
}

static bool text_differs(const char *have, struct text want) {
    return want.state == TEXT_SET ? have == NULL || !text_is(want, have) : have != NULL;
}

static void write_texts(struct writing *x) {
    static const char *const names[ACCOUNT_TEXTS] = { "first name", "last name",   "job title",
                                                      "e-mail",     "external id", "location",
                                                      "department", "avatar" };
    for (unsigned which = 0; which < ACCOUNT_TEXTS; which++) {
        struct text t = x->w->texts[which];
        const char *have = account_of(x)->texts[which];
        if (t.state == TEXT_MISSING || !text_differs(have, t))
            continue;
        char *before = which == ACCOUNT_EMAIL && have != NULL ? mem_str(have) : NULL;
        account_set_text(x->p, x->index, which, t);
        if (before != NULL)
            life_email_changed(x->h, x->index, before);
        mem_free(before);
        x->changed = true;
        note(x, names[which]);
    }
}

static void write_values(struct writing *x) {
    struct account *a = account_of(x);
    const struct wanted *w = x->w;
    if (w->language >= 0 && a->language != w->language) {
        a->language = (uint8_t)w->language;
        x->changed = true;
        note(x, "language");
    }
    if (w->role >= 0 && a->role != w->role) {
        account_set_role(x->p, x->index, (enum account_role)w->role);
        x->changed = true;
        note(x, "role");
    }
    if (w->hire.state != TEXT_MISSING && a->hire != w->hire.day) {
        a->hire = w->hire.day;
        x->changed = true;
        note(x, "hire date");
    }
    if (w->leave.state != TEXT_MISSING && a->leave != w->leave.day) {
        a->leave = w->leave.day;
        x->changed = true;
        note(x, "leave date");
    }
    if (w->occupation.state != TEXT_MISSING && a->occupation != w->occupation.index) {
        a->occupation = w->occupation.index;
        x->changed = true;
        note(x, "skills role");
    }
    for (size_t i = 0; i < w->fields_n; i++) {
        const char *have = a->fields ? a->fields[w->fields[i].field] : NULL;
        if (!text_differs(have, w->fields[i].value))
            continue;
        account_set_field(x->p, x->index, w->fields[i].field, w->fields[i].value);
        x->changed = true;
        note(x, "a custom field");
    }
}

static void write_teams(struct writing *x) {
    struct account *a = account_of(x);
    const struct wanted *w = x->w;
    uint32_t old = a->primary;
    if (w->team.state != TEXT_MISSING && old != w->team.index) {
        account_set_primary(x->p, x->index, w->team.index);
        if (old != NONE && sw(x->h->sb, LA_OLD_PRIMARY))
            account_join(x->p, x->index, old);
        x->teams_changed = true;
        note(x, "primary team");
    }
    if (!w->has_secondary)
        return;
    for (size_t i = a->secondary.n; i > 0 && sw(x->h->sb, LA_SECONDARY) == 0; i--)
        account_leave(x->p, x->index, a->secondary.all[i - 1]);
    for (size_t i = 0; i < w->secondary_n; i++)
        account_join(x->p, x->index, w->secondary[i]);
    x->teams_changed = true;
    note(x, "secondary teams");
}

static void write_manager(struct writing *x) {
    if (x->w->manager.state == TEXT_MISSING)
        return;
    uint32_t manager = x->w->manager.state == TEXT_SET ? x->w->manager.index : NONE;
    if (account_of(x)->manager == manager)
        return;
    account_set_manager(x->p, x->index, manager);
    x->changed = true;
    note(x, "manager");
}

static void carry_out(struct call *c, const struct happening *h, uint32_t index,
                      const struct wanted *w, const char *what) {
    struct writing x = { .p = platform_of(c), .h = h, .w = w, .index = index };
    write_texts(&x);
    write_values(&x);
    write_teams(&x);
    write_manager(&x);
    if (x.changed)
        life_touch(h, index);
    if (x.teams_changed)
        life_teams_changed(h, index);
    if (x.changed || x.teams_changed)
        trail_add(&learnamp_of(c->sb)->trail, h->now_us, h->by, what, account_of(&x)->id, "%s",
                  x.what);
}

/* What was found wrong with custom fields; false: it is the answer. */
static bool fields_accepted(struct call *c, const struct wanted *w, bool creating) {
    if (w->fields_verdict == FIELDS_BLANK) {
        refuse_one(c, 400, "Validation failed: ", "Value", "value", "can't be blank");
    } else if (w->fields_verdict == FIELDS_UNKNOWN && creating && la(c, LA_FIELDS_CREATE) == 1) {
        refuse_one(c, 422, "", "customFields", "customFields", "is invalid");
    } else if (w->fields_verdict == FIELDS_UNKNOWN) {
        refuse_not_found(c);
    }
    return w->fields_verdict == FIELDS_GOOD;
}

void users_create(struct call *c, const struct value *params) {
    struct platform *p = platform_of(c);
    const struct happening h = happening_of(c);
    struct wanted w;
    if (p->accounts_n >= ACCOUNTS_MAX) {
        refuse(c, 503, "There are too many users");
        return;
    }
    if (!wanted_read(c, params, NONE, false, &w) || !fields_accepted(c, &w, true))
        return;
    uint32_t index = account_add(p, h.now_us);
    carry_out(c, &h, index, &w, "created");
    if (!w.skip)
        life_invite(&h, index, "POST /v1/users without skipInvitation");
    if (la(c, LA_CREATE_OTHER))
        index = users_other(p, index);
    shape_answer(c, 201, NULL, &index, 1, shape_user, SHAPE_DETAILED);
}

static bool may_be_updated(struct call *c, uint32_t index, const struct wanted *w) {
    const struct account *a = &platform_of(c)->accounts[index];
    int64_t how = la(c, LA_UPDATE_DEACTIVATED), last = la(c, LA_LAST_OWNER);
    if (a->status >= STATUS_DEACTIVATED && !w->reactivate && how != 0) {
        if (how == 1)
            refuse(c, 400, "The user is deactivated");
        else
            refuse_not_found(c);
        return false;
    }
    if (w->role >= 0 && w->role != ROLE_OWNER && last >= 300 &&
        life_is_last_owner(platform_of(c), index)) {
        refuse(c, (int)last, "The last owner of the account must stay an owner");
        return false;
    }
    return true;
}

void users_update(struct call *c, const struct value *params) {
    struct platform *p = platform_of(c);
    const struct happening h = happening_of(c);
    int64_t partial = la(c, LA_UPDATE_PARTIAL);
    const struct endpoint *e = c->endpoint;
    struct wanted w;
    uint32_t index = users_named(c);
    if (index == NONE ||
        !wanted_read(c, params, index, partial == 1 || (partial == 0 && e->by_external_id), &w) ||
        !may_be_updated(c, index, &w))
        return;
    if (w.fields_verdict != FIELDS_GOOD && la(c, LA_FIELDS_REST) == 0) {
        fields_accepted(c, &w, false);
        return;
    }
    if (la(c, LA_WRITE_LOST) == 0) {
        if (w.reactivate && p->accounts[index].status == STATUS_DEACTIVATED)
            life_reactivate(&h, index);
        carry_out(c, &h, index, &w, "updated");
        if (la(c, LA_UPDATE_SKIP) && w.has_skip && !w.skip &&
            p->accounts[index].status == STATUS_NOT_INVITED)
            life_invite(&h, index, "PUT /v1/users with skipInvitation=false");
    }
    if (fields_accepted(c, &w, false))
        shape_answer(c, 200, NULL, &index, 1, shape_user, SHAPE_DETAILED);
}
