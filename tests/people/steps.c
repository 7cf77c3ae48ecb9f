#include "tests/people/steps.h"

#include "people/problem.h"
#include "tests/base/helper.h"
#include "tests/people/office.h"

enum { WORDS_MAX = 16 };
static struct office office, *o = &office;
static int line_n, last_writes;
static const char *line_text;

#define FAIL(...)                                                                                  \
    do {                                                                                           \
        print_error("line %d: %s\n", line_n, line_text);                                           \
        fail_msg(__VA_ARGS__);                                                                     \
    } while (0)

static void fail_here(const char *what) {
    FAIL("%s", what);
}

static void equal_here(const char *is, const char *want) {
    if (strcmp(is, want) != 0)
        FAIL("it is %s", is);
}

static struct text value_of(const char *s) {
    if (strcmp(s, "?") == 0)
        return (struct text){ 0 };
    if (*s == '\0')
        return TEXT_NONE;
    if ((s[0] == '+' || s[0] == '-') && s[1] >= '0' && s[1] <= '9')
        return office_day(o, atoi(s));
    return text_copy(&o->a, text_of(s));
}

static enum user_field field_of(const char *s) {
    for (int f = 0; f < USER_FIELDS_N; f++)
        if (strcmp(s, user_field_name((enum user_field)f)) == 0)
            return (enum user_field)f;
    return USER_FIELDS_N;
}

static char *split_at(char *word, char c) {
    char *at = strchr(word, c);
    if (at == NULL)
        FAIL("%s: a %c is missing", word, c);
    *at = '\0';
    return at + 1;
}

static struct office_remote *remote_named(const char *id) {
    struct office_remote *r =
        *id == '@' ? office_remote_by_id(o, office_account(o, office_person(o, id + 1))->remote_id)
                   : office_remote(o, id);
    return r;
}

static void set(char **words, size_t n) {
    struct rc_error err;
    for (size_t i = 1; i < n; i++) {
        char *value = split_at(words[i], '=');
        if (policy_set(&o->policy, text_of(words[i]), text_of(value), &o->a, &err) != RC_OK)
            FAIL("%s", err.text);
    }
}

static void platform(char **words, size_t n) {
    for (size_t i = 1; i < n; i++) {
        bool on = words[i][0] == '+';
        const char *w = words[i] + 1;
        if (strcmp(w, "invites") == 0)
            o->policy.caps.invites = on;
        else if (strcmp(w, "silent") == 0)
            o->policy.caps.creates_silently = on;
        else if (strcmp(w, "customs") == 0)
            o->policy.caps.customs = on;
        else if (strcmp(w, "first-delivery") == 0)
            o->first_delivery = on;
        else if (strcmp(w, "clock-in-doubt") == 0)
            o->clock_in_doubt = on;
        else if (strcmp(w, "inventory") == 0)
            o->inventory_incomplete = !on;
        else if (strcmp(w, "lose-answer") == 0)
            o->lose_answer = on;
        else if (strcmp(w, "mandatory") == 0)
            o->custom_is_mandatory = on;
        else if (strcmp(w, "names-none") == 0)
            o->names_none = on;
        else if (strncmp(words[i], "refuses=", 8) == 0)
            o->refuses = value_of(words[i] + 8);
        else
            FAIL("%s: unknown", words[i]);
    }
}

static void hr(char **words, size_t n) {
    struct office_person *p = office_person(o, words[1]);
    for (size_t i = 2; i < n; i++) {
        char *value = split_at(words[i], '=');
        enum user_field f = field_of(words[i]);
        if (strncmp(words[i], USER_CUSTOM_PREFIX, strlen(USER_CUSTOM_PREFIX)) == 0)
            office_state_custom(o, p, words[i], value_of(value));
        else if (f == USER_SECONDARY_TEAMS) {
            for (char *c = value; *c != '\0'; c++)
                *c = *c == ',' ? USER_TEAMS_BETWEEN : *c;
            office_state(o, p, f, value_of(value));
        } else if (f == USER_EXCLUDED) {
            p->user.fields[f] = value_of(value);
            p->asks.since_on[POLICY_EXCLUDED] =
                p->user.fields[f].state == TEXT_SET ? o->today : DATE_NONE;
        } else if (f < USER_FIELDS_N)
            office_state(o, p, f, value_of(value));
        else if (strcmp(words[i], "presence") == 0)
            p->asks.facts.presence = presence_parse(text_of(value));
        else if (strcmp(words[i], "problem") == 0) {
            p->asks.problems = 0;
            for (int b = 0; b < PROBLEMS_N; b++)
                if (strcmp(value, problem_name((enum problem)b)) == 0)
                    p->asks.problems = (uint64_t)1 << b;
        } else
            FAIL("%s: unknown", words[i]);
    }
    office_state(o, p, USER_STATUS, p->user.fields[USER_STATUS]);
}

static struct text team_called(const char *name) {
    for (int i = 0; i < OFFICE_TEAMS; i++)
        if (text_is(o->teams[i].remote_name, name))
            return o->teams[i].remote_id;
    FAIL("%s is no team there", name);
    return TEXT_NONE;
}

static void there(char **words, size_t n) {
    struct office_remote *r = remote_named(words[1]);
    if (r == NULL && words[1][0] != '@')
        r = office_stranger(o, words[1]);
    if (r == NULL)
        FAIL("%s has no account", words[1]);
    for (size_t i = 2; i < n; i++) {
        char *value = split_at(words[i], '=');
        enum user_field f = field_of(words[i]);
        if (strcmp(words[i], "status") == 0) {
            r->deleted = strcmp(value, "deleted") == 0;
            r->status = account_status_parse(text_of(value));
        } else if (strcmp(words[i], "role") == 0)
            r->role = value_of(value);
        else if (strcmp(words[i], "external") == 0)
            r->external_id = value_of(value);
        else if (strcmp(words[i], "tie") == 0)
            r->known.tie = account_tie_parse(text_of(value));
        else if (strcmp(words[i], "stale") == 0)
            r->stale_team = team_called(value);
        else if (strcmp(words[i], "invited") == 0)
            r->invited = strcmp(value, "yes") == 0;
        else if (f < USER_FIELDS_N)
            r->fields[f] = value_of(value);
        else
            FAIL("%s: unknown", words[i]);
    }
}

static void approve(char **words, int n) {
    struct account *a = office_account(o, office_person(o, words[1]));
    enum account_approval what = account_approval_parse(text_of(words[2]));
    if (what == ACCOUNT_APPROVAL_NONE)
        FAIL("%s: no approval", words[2]);
    a->approved[what] = value_of(words[3]);
    const struct office_remote *r = office_remote_by_id(o, a->approved[what]);
    struct account shown = r != NULL ? r->known : (struct account){ 0 };
    shown.role = r != NULL ? r->role : shown.role;
    if (what == ACCOUNT_APPROVAL_ADOPT && r != NULL && &r->known == a) /* with what it shows now */
        a->email_with_id = text_fold_ascii(&o->a, r->fields[USER_EMAIL]);
    if (what == ACCOUNT_APPROVAL_ADOPT && r != NULL && policy_protects(&o->policy, &shown) != NULL)
        a->approved[ACCOUNT_APPROVAL_PROTECTED] = a->approved[what]; /* as the question says */
    if (n > 4)
        a->invite_on = OFFICE_DAY_0 + atoi(words[4]);
}

static void link_by_hand(char **words) {
    struct office_person *p = office_person(o, words[1]);
    struct office_remote *r = office_remote_by_id(o, text_of(words[2]));
    if (r == NULL || p->asks.user_id == 0)
        FAIL("%s: there is no such account", words[2]);
    r->known.user_id = p->asks.user_id;
    r->known.tie = ACCOUNT_LINKED;
    r->known.approved[ACCOUNT_APPROVAL_ADOPT] = r->id;
    r->known.email_with_id = text_fold_ascii(&o->a, r->fields[USER_EMAIL]);
    p->without = (struct account){ 0 };
}

/* It keeps our id, as if it were no longer left alone either. */
static void unlink_by_hand(char **words) {
    struct office_person *p = office_person(o, words[1]);
    struct office_remote *r = office_remote_by_id(o, text_of(words[2]));
    if (r == NULL || r->known.user_id != p->asks.user_id)
        FAIL("%s: that is not their account", words[2]);
    r->known.user_id = 0;
    r->known.tie = ACCOUNT_OURS;
    p->without.approved[ACCOUNT_APPROVAL_APART] = r->id;
}

static void pin(char **words) {
    struct office_person *p = office_person(o, words[1]);
    if (strcmp(words[2], "account") != 0) {
        p->pin =
            (struct decide_pin){ field_of(words[2]), text_of(user_field_name(field_of(words[2]))),
                                 value_of(words[3]), 12 };
        return;
    }
    char *undone = strchr(words[3], ':');
    if (undone != NULL)
        *undone++ = '\0';
    p->account_pin = strcmp(words[3], "closed") == 0 ? DECIDE_ACCOUNT_CLOSED
                     : strcmp(words[3], "open") == 0 ? DECIDE_ACCOUNT_OPEN
                                                     : DECIDE_ACCOUNT_FREE;
    p->account_pin_spares = 0;
    if (undone == NULL || strcmp(undone, policy_cause_name(POLICY_END_DATE)) == 0)
        return;
    p->account_pin_spares = 1u << POLICY_END_DATE;
    if (strcmp(undone, policy_cause_name(POLICY_STATUS)) != 0)
        p->account_pin_spares |= 1u << POLICY_STATUS;
}

static const struct decide_field *decided_field(const struct decision *d, const char *name) {
    for (size_t i = 0; i < d->fields_n; i++)
        if (text_is(d->fields[i].name, name))
            return &d->fields[i];
    return NULL;
}

static void expect_field(const struct decision *d, char *word) {
    static const char *const does[] = { "stays", "awaits", "sends" };
    char *what = split_at(word, ':'), *code = strchr(what, ':');
    const struct decide_field *f = decided_field(d, word);
    if (code != NULL)
        *code++ = '\0';
    if (f == NULL) {
        if (strcmp(what, "same") != 0)
            FAIL("%s does not differ", word);
        return;
    }
    if (strcmp(does[f->does], what) != 0)
        FAIL("%s %s: %s", word, does[f->does], f->code);
    if (code != NULL)
        equal_here(f->code, code);
}

static void expect(char **words, size_t n) {
    struct decision d;
    office_inventory(o);
    office_decide(o, office_person(o, words[1]), &d);
    if (strcmp(decide_verb_name(d.verb), words[2]) != 0 || strcmp(d.code, words[3]) != 0)
        FAIL("decided: %s %s: %.*s", decide_verb_name(d.verb), d.code, TEXT_ARG(d.sentence));
    for (size_t i = 4; i < n; i++) {
        if (strcmp(words[i], "mail") == 0)
            d.mails ? (void)0 : fail_here("no mail");
        else if (strcmp(words[i], "silent") == 0)
            d.mails ? fail_here("a mail") : (void)0;
        else if (strncmp(words[i], "waits=", 6) == 0)
            equal_here(decide_wait_name(d.waits), words[i] + 6);
        else if (strncmp(words[i], "due=", 4) == 0) {
            date_days due =
                strcmp(words[i] + 4, "never") == 0 ? DATE_NONE : OFFICE_DAY_0 + atoi(words[i] + 4);
            if (d.due_on != due)
                FAIL("due on day %d", d.due_on - OFFICE_DAY_0);
        } else if (strncmp(words[i], "then=", 5) == 0)
            equal_here(decide_verb_name(d.due_verb), words[i] + 5);
        else if (strncmp(words[i], "says=", 5) == 0) {
            if (memmem(d.sentence.ptr, d.sentence.len, words[i] + 5, strlen(words[i] + 5)) == NULL)
                FAIL("it says: %.*s", TEXT_ARG(d.sentence));
        } else
            expect_field(&d, words[i]);
    }
}

static struct text names_of_teams(struct text ids) {
    struct text id;
    size_t cursor = 0;
    const char *names = "";
    while (user_teams_next(ids, &cursor, &id))
        for (int i = 0; i < OFFICE_TEAMS; i++)
            if (text_equal(o->teams[i].remote_id, id))
                names = arena_printf(&o->a, "%s%s%.*s", names, *names != '\0' ? ", " : "",
                                     TEXT_ARG(o->teams[i].remote_name));
    return text_of(names);
}

/* What stands in a team's or manager's place is told by name. */
static struct text shown(const struct office_remote *r, const char *what) {
    enum user_field f = field_of(what);
    if (strcmp(what, "status") == 0)
        return text_of(account_status_name(r->deleted ? ACCOUNT_DELETED : r->status));
    if (strcmp(what, "role") == 0)
        return r->role;
    if (strcmp(what, "external") == 0)
        return r->external_id;
    if (strncmp(what, USER_CUSTOM_PREFIX, strlen(USER_CUSTOM_PREFIX)) == 0)
        return *office_custom((struct office_remote *)(uintptr_t)r,
                              text_of(what + strlen(USER_CUSTOM_PREFIX)));
    if (strcmp(what, "stale") == 0)
        return r->stale_team;
    if (f == USER_FIELDS_N)
        FAIL("%s: unknown", what);
    if (f == USER_SECONDARY_TEAMS)
        return names_of_teams(r->fields[f]);
    for (int i = 0; f == USER_PRIMARY_TEAM && i < OFFICE_TEAMS; i++)
        if (text_equal(o->teams[i].remote_id, r->fields[f]))
            return o->teams[i].remote_name;
    for (int i = 0; f == USER_MANAGER && i < OFFICE_PEOPLE; i++)
        if (o->people[i].exists &&
            text_equal(office_account(o, &o->people[i])->remote_id, r->fields[f]))
            return text_of(o->people[i].name);
    return r->fields[f];
}

static void shows(char **words, size_t n) {
    struct office_remote *r = remote_named(words[1]);
    if (r == NULL)
        FAIL("%s has no account", words[1]);
    for (size_t i = 2; i < n; i++) {
        char *value = split_at(words[i], '=');
        struct text want = value_of(value), is = shown(r, words[i]);
        if (!(want.state != TEXT_SET && is.state != TEXT_SET) && !text_equal(want, is))
            FAIL("%s is \"%.*s\"", words[i], TEXT_ARG(is));
    }
}

static void deliver(bool more) {
    last_writes = office_deliver(o);
    if (o->wrong != NULL)
        FAIL("%s: %s", o->wrong, o->wrong_text);
    if (!more && office_deliver(o) != 0)
        FAIL("a second delivery has something to do");
}

static void count(const char *what, int want) {
    int teams = 0;
    office_inventory(o);
    for (int i = 0; i < OFFICE_TEAMS; i++)
        teams += o->teams[i].made;
    int is = strcmp(what, "accounts") == 0 ? o->accounts - 1
             : strcmp(what, "mails") == 0  ? o->mails
             : strcmp(what, "teams") == 0  ? teams
                                           : last_writes;
    if (is != want)
        FAIL("%s: %d", what, is);
}

static void take(char **words, size_t n) {
    const char *w = words[0];
    if (strcmp(w, "set") == 0)
        set(words, n);
    else if (strcmp(w, "platform") == 0)
        platform(words, n);
    else if (strcmp(w, "hr") == 0 && n > 1)
        hr(words, n);
    else if (strcmp(w, "team") == 0 && n == 3) {
        o->teams[atoi(words[1])].exists = true;
        o->teams[atoi(words[1])].name = value_of(words[2]);
    } else if (strcmp(w, "there") == 0 && n > 1)
        there(words, n);
    else if (strcmp(w, "hand-team") == 0 && n == 3) {
        o->hand_teams[o->hand_teams_n].id = value_of(words[1]);
        o->hand_teams[o->hand_teams_n++].name = value_of(words[2]);
    } else if (strcmp(w, "approve") == 0 && (n == 4 || n == 5))
        approve(words, (int)n);
    else if (strcmp(w, "link") == 0 && n == 3)
        link_by_hand(words);
    else if (strcmp(w, "unlink") == 0 && n == 3)
        unlink_by_hand(words);
    else if (strcmp(w, "pin") == 0 && n == 4)
        pin(words);
    else if (strcmp(w, "held") == 0 && n == 3) /* works by that run; 0: by none */
        office_person(o, words[1])->held_run_id = atoi(words[2]);
    else if (strcmp(w, "day") == 0 && n == 2)
        o->today = OFFICE_DAY_0 + atoi(words[1]);
    else if (strcmp(w, "unread") == 0)
        o->read_on = o->today;
    else if (strcmp(w, "read") == 0)
        o->read_on = DATE_NONE;
    else if (strcmp(w, "deliver") == 0)
        deliver(n == 2);
    else if (strcmp(w, "expect") == 0 && n >= 4)
        expect(words, n);
    else if (strcmp(w, "shows") == 0 && n > 2)
        shows(words, n);
    else if (strcmp(w, "---") == 0) {
        office_done(o);
        office_init(o);
    } else if (n == 2)
        count(w, atoi(words[1]));
    else
        FAIL("no step");
}

/* Words between blanks; a "..." may stand in one and holds blanks. */
static size_t words_of(char *line, char **words) {
    size_t n = 0;
    for (char *p = line; *p != '\0' && n < WORDS_MAX;) {
        bool quoted = false;
        while (*p == ' ')
            p++;
        if (*p == '\0')
            break;
        char *to = words[n++] = p;
        for (; *p != '\0' && (quoted || *p != ' '); p++)
            if (*p == '"')
                quoted = !quoted;
            else
                *to++ = *p;
        if (*p != '\0')
            p++;
        *to = '\0';
    }
    return n;
}

void steps_begin(void) {
    office_init(o);
}

void steps_end(void) {
    office_done(o);
}

void steps_take(const char *step, int line) {
    char *words[WORDS_MAX],
        *copy = arena_str(&o->a, step, strlen(step)); /* the office keeps some */
    line_n = line;
    line_text = step;
    take(words, words_of(copy, words));
}
