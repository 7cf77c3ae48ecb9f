/* What was asked of the platform, and what is there in the end, held against what is known. */
#include <string.h>
#include <strings.h>
#include "sync/left.h"
#include "tests/sync/life.h"

static bool is_at(struct text address, const char *email) {
    return address.state == TEXT_SET && address.len == strlen(email) &&
           strncasecmp(address.ptr, email, address.len) == 0;
}

/* Another one that is theirs and is there. */
static bool has_another(struct life *l, int n, size_t but) {
    for (size_t i = 0; i < l->there_n; i++)
        if (i != but && l->there[i].holder == n && !l->there[i].loose && life_account(l, i)->exists)
            return true;
    return false;
}

/* ---- calls ---- */

static void judge_made(struct life *l, size_t i) {
    int n = life_person(life_account(l, i)->is.external_id);
    if (has_another(l, n, i))
        life_broken(l, "twice", "%d has got an account beside another", n);
    if (l->deleted[n] != 0)
        life_broken(l, "twice", "%d has got another account though theirs was deleted there", n);
    l->there[i] = (struct life_account){ .alike = n, .may = n, .holder = n };
}

/* The external id that is sent. */
static bool sends_id(struct text request, struct text *ret) {
    static const char key[] = "external_id=";
    size_t len = sizeof key - 1;
    const char *at = memmem(request.ptr, request.len, key, len);
    if (at == NULL)
        return false;
    *ret = text_from(at + len, strcspn(at + len, " "));
    return true;
}

/* Whoever has lost one has the account again that carries their id, if there is one that is nobody's. */
static void falls_back(struct life *l, int n) {
    for (size_t i = 0; i < l->there_n; i++) {
        struct life_account *t = &l->there[i];
        if (t->holder == 0 && !t->apart && !t->ignored &&
            life_person(life_account(l, i)->is.external_id) == n)
            t->holder = n;
    }
}

static void judge_change(struct life *l, size_t i, const struct memory_platform_request *r) {
    struct life_account *t = &l->there[i];
    struct text id;
    bool sends = sends_id(r->text, &id);
    int n = sends ? life_person(id) : 0;
    if (t->ignored && !l->undoes)
        life_broken(l, "stranger", "what is left alone was changed: %.*s", TEXT_ARG(r->text));
    if (n > 0 && t->holder != n) {
        if (t->apart || (t->may != n && t->alike != n))
            life_broken(l, "stranger", "an account was linked: %.*s", TEXT_ARG(r->text));
        if (has_another(l, n, i))
            life_broken(l, "twice", "%d has got another account: %.*s", n, TEXT_ARG(r->text));
        int had = t->holder;
        t->holder = n;
        if (had != 0)
            falls_back(l, had);
        t->loose = false;
    } else if (sends && n == 0) /* it gets back what it had */
        t->holder = 0;
    else if (t->holder == 0)
        life_broken(l, "stranger", "nobody's account was changed: %.*s", TEXT_ARG(r->text));
}

static void judge_closed(struct life *l, size_t i) {
    const struct life_account *t = &l->there[i];
    const struct account *is = &life_account(l, i)->is;
    if (text_is(is->role, "admin") || text_is(is->role, "owner"))
        life_broken(l, "protected", "account %.*s was closed", TEXT_ARG(is->remote_id));
    if (l->undoes)
        return;
    if (t->ignored || t->holder == 0)
        life_broken(l, "stranger", "account %.*s was closed", TEXT_ARG(is->remote_id));
    else if (life_works(l, t->holder))
        life_broken(l, "closed", "%d works there, and their account %.*s was closed", t->holder,
                    TEXT_ARG(is->remote_id));
}

static void judge_mail(struct life *l, const struct memory_platform_mail *m) {
    size_t i = life_index(l, m->remote_id);
    int n = i < LIFE_ACCOUNTS ? l->there[i].holder : 0;
    if (n == 0 || !is_at(m->to, l->read[n].email))
        life_broken(l, "mailed", "%.*s, for %d who is at %s", TEXT_ARG(m->to), n, l->read[n].email);
    if (++l->mails[n] > 1 + l->words[n])
        life_broken(l, "twice", "%d has got another invitation", n);
}

static void judge_call(struct life *l, const struct memory_platform_request *r) {
    const char *space = memchr(r->text.ptr, ' ', r->text.len);
    bool was_done = r->code == RC_OK || (l->fault.after && r->code == l->fault.code);
    if (r->call < MEMORY_PLATFORM_CREATE || r->call > MEMORY_PLATFORM_INVITE || !was_done ||
        space == NULL)
        return;
    LIFE_TELL(l, "      %.*s\n", TEXT_ARG(r->text));
    if (r->call == MEMORY_PLATFORM_CREATE) {
        if (l->there_n < l->d->there.accounts_n)
            judge_made(l, l->there_n++);
        return;
    }
    size_t i = life_index(l, text_from(space + 1, strcspn(space + 1, " ")));
    if (i >= LIFE_ACCOUNTS)
        return;
    if (r->call == MEMORY_PLATFORM_DEACTIVATE)
        judge_closed(l, i);
    else if (r->call == MEMORY_PLATFORM_UPDATE)
        judge_change(l, i, r);
    else if (l->there[i].ignored || (l->there[i].holder == 0 && l->there[i].may == 0))
        life_broken(l, "stranger", "%.*s", TEXT_ARG(r->text));
}

void life_judge(struct life *l) {
    const struct memory_platform *m = &l->d->there;
    while (l->requests_n < m->requests_n)
        judge_call(l, &m->requests[l->requests_n++]);
    while (l->mails_n < m->mails_n)
        judge_mail(l, &m->mails[l->mails_n++]);
}

/* ---- the end ---- */

/* The code of the last decision, and whether it says that something is waited for. */
static const char *code_of(struct life *l, int n, bool *ret_waits) {
    struct bed *b = l->d->w->bed;
    struct account_row row;
    *ret_waits = false;
    if (account_of_user(b->st, b->company_id, l->d->destination_id, life_user(l, n), &b->a, &row,
                        NULL) != RC_OK)
        return "no row";
    *ret_waits = row.waits.state == TEXT_SET && !text_is(row.waits, "nothing");
    return arena_printf(&b->a, "%.*s", TEXT_ARG(row.code));
}

static bool is_told_as_left(struct life *l, int n, struct text remote_id) {
    struct bed *b = l->d->w->bed;
    struct platform p = delivers_platform(l->d);
    struct account_row *rows;
    size_t rows_n = 0;
    int64_t all = 0;
    OK(left_find(b->st, &l->d->w->company, &p, clock_now_us(&l->d->w->clock), 0, 50, &b->a, &rows,
                 &rows_n, &all, &why));
    for (size_t i = 0; i < rows_n; i++)
        if (rows[i].is.user_id == life_user(l, n) || text_equal(rows[i].is.remote_id, remote_id))
            return true;
    return false;
}

static void look_at_manager(struct life *l, int n, const struct account *mine) {
    const char *boss = life_states(l, n, "supervisor");
    int b = *boss != '\0' ? *boss - '0' : 0;
    if (b == 0 || b == n)
        return;
    for (size_t i = 0; i < l->there_n; i++) {
        const struct account *theirs = &life_account(l, i)->is;
        if (l->there[i].holder == b && !l->there[i].loose && life_account(l, i)->exists &&
            theirs->status == ACCOUNT_ACTIVE &&
            !text_equal(mine->fields[USER_MANAGER].known, theirs->remote_id))
            life_broken(l, "untold", "%d reports to %d, and their account to %.*s", n, b,
                        TEXT_ARG(mine->fields[USER_MANAGER].known));
    }
}

/* Of whom it is said that all is as HR states it. */
static void look_at_fields(struct life *l, int n, const struct account *mine) {
    static const enum user_field fields[] = { USER_FIRST_NAME, USER_LAST_NAME, USER_JOB_TITLE };
    for (size_t i = 0; i < RC_LEN(fields); i++) {
        const char *want = life_states(l, n, user_field_name(fields[i]));
        struct text is = mine->fields[fields[i]].known;
        if (*want != '\0' && !text_is(is, want))
            life_broken(l, "untold", "%d is %s, and their account says %.*s", n, want,
                        TEXT_ARG(is));
    }
    look_at_manager(l, n, mine);
}

static void look_at(struct life *l, int n) {
    const struct account *mine = NULL;
    bool any = false, waits;
    const char *code = code_of(l, n, &waits);
    for (size_t i = 0; i < l->there_n; i++) {
        const struct life_account *t = &l->there[i];
        any |= t->holder == n || t->may == n;
        if (t->holder == n && !t->loose && life_account(l, i)->exists &&
            (mine == NULL || mine->status != ACCOUNT_ACTIVE))
            mine = &life_account(l, i)->is;
    }
    bool open = mine != NULL && mine->status == ACCOUNT_ACTIVE;
    if (open && life_has_left(l, n) && !is_told_as_left(l, n, mine->remote_id))
        life_broken(l, "open", "%d has left, and account %.*s is open: %s", n,
                    TEXT_ARG(mine->remote_id), code);
    if (!life_works(l, n))
        return;
    if (!open && (mine != NULL || !any) && !waits)
        life_broken(l, "untold", "%d works there and has no open account: %s", n, code);
    if (!open)
        return;
    if (strcmp(code, "in-step") == 0)
        look_at_fields(l, n, mine);
    if (strchr(l->read[n].email, '@') != NULL &&
        !waits && /* another one is told as a problem of HR's data */
        !is_at(mine->fields[USER_EMAIL].known, l->read[n].email))
        life_broken(l, "untold", "%d is at %s, and their account at %.*s: %s", n, l->read[n].email,
                    TEXT_ARG(mine->fields[USER_EMAIL].known), code);
}

void life_judge_the_end(struct life *l) {
    for (int n = 1; n <= LIFE_PEOPLE && l->wrong == NULL; n++)
        look_at(l, n);
}
