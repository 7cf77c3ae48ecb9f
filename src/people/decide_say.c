/* The sentences of decisions: templates whose {words} are filled. */
#include "people/decide_p.h"

#include <string.h>
#include "base/cleanup.h"

enum { SENTENCE_BYTES = 8 << 10, WORD_BYTES = 32 };

const char *decide_verb_name(enum decide_verb v) {
    static const char *const names[DECIDE_VERBS_N] = {
        [DECIDE_NOTHING] = "nothing",       [DECIDE_CREATE] = "create",
        [DECIDE_ADOPT] = "adopt",           [DECIDE_UPDATE] = "update",
        [DECIDE_INVITE] = "invite",         [DECIDE_DEACTIVATE] = "deactivate",
        [DECIDE_REACTIVATE] = "reactivate",
    };
    return names[v];
}

static const struct {
    const char *name, *remedy;
} wait_words[DECIDE_WAITS_N] = {
    [DECIDE_WAITS_FOR_NOTHING] = { "nothing", NULL },
    [DECIDE_WAITS_FOR_DAY] = { "day", "the day, or another date in HR" },
    [DECIDE_WAITS_FOR_HR] = { "hr", "somebody correcting it in HR" },
    [DECIDE_WAITS_FOR_READING] = { "reading", "HR and the platform being read again" },
    [DECIDE_WAITS_FOR_OTHER] = { "other", "the other one being there, or gone, first" },
    [DECIDE_WAITS_FOR_APPROVAL] = { "approval", "somebody approving it" },
    [DECIDE_WAITS_FOR_PLATFORM] = { "platform", "somebody doing it on the platform" },
    [DECIDE_WAITS_FOR_SETTING] = { "setting", "another setting" },
};

/* Where there is another way out than that of whatever is waited for. */
static const struct {
    const char *code, *remedy;
} code_remedies[] = {
    { "ignored", "somebody taking that back (rollcall accounts ignore --no-longer)" },
    { DECIDE_UNLINKED,
      "somebody taking that away from the account on the platform, or linking the account that is "
      "theirs (rollcall accounts link): this one, too, if it is theirs after all" },
    { DECIDE_SAME_ID,
      "somebody saying whose it is (rollcall conflict resolve ... link or ignore)" },
    { DECIDE_LOST_ID,
      "somebody saying whose it is (rollcall conflict resolve ... link or ignore), or the account "
      "showing its id or its address again" },
    { "protected", "somebody doing it on the platform, or another setting" },
    { "held-otherwise", "somebody approving or rejecting that run" },
    { "opened-by-undo",
      "HR stating that the person works there, or that they left by its status or an end date where "
      "that was not what was undone; or somebody letting go of what was undone (rollcall pin "
      "release)" },
    { "grace", "the day, or HR stating that the person works there" },
    { "invitation-asked", "the day, or somebody asking for another one" },
    { DECIDE_INVITATION_LAPSED,
      "somebody asking for an invitation to the address of now (rollcall invite), or HR stating the "
      "earlier one again" },
    { DECIDE_INVITATION_WITHHELD,
      "the account showing the address that HR states: by another setting owner-email, or as somebody "
      "changes it on the platform" },
    { "closed-by-undo", "HR agreeing that the person is gone, somebody approving that it is "
                        "opened, or letting go of what was undone (rollcall pin release)" },
    { DECIDE_DECLINED,
      "somebody correcting it in HR or on the platform: another value of anything that was sent is "
      "tried again, once" },
    { DECIDE_SWAPPED, "one of them having some other address first, on the platform or in HR" },
    { "team-refused",
      "another name for the team in HR, another setting, or somebody saying that it is tried again "
      "(rollcall conflict resolve ... create --team)" },
    { "team-ignored",
      "somebody saying which team there it is, or that one is made (rollcall conflict resolve ... "
      "link or create --team)" },
    { "manager-cycle", "somebody correcting it in HR, or the account of one of them being closed" },
    { "pinned",
      "another value in HR, or somebody letting go of what was undone (rollcall pin release)" },
};

/* Of an address that another account goes on showing. */
static const struct {
    const char *why, *remedy;
} fixed_words[DECIDE_FIXED_N] = {
    [DECIDE_FIXED_UNDONE] = { "that was undone, and is not sent again",
                              "another address in HR for one of the two, or somebody letting go of "
                              "what was undone (rollcall pin release)" },
    [DECIDE_FIXED_PROBLEM] = { "that cannot be used", "somebody correcting it in HR" },
    [DECIDE_FIXED_OWNED] = { "by the setting owner-email that is not sent",
                             "another address in HR or on the platform for one of the two, or "
                             "another setting owner-email" },
    [DECIDE_FIXED_REFUSED] = { "the platform refused that",
                               "another address in HR for one of the two" },
    [DECIDE_FIXED_PROTECTED] = { "the account is protected, and nobody has approved that",
                                 "somebody approving the other address of that account (rollcall "
                                 "conflict list), or another one in HR for one of the two" },
    [DECIDE_FIXED_BY_ADDRESS] = { "the account is protected by its address in protect-accounts",
                                  "its id in place of the address in protect-accounts, or another "
                                  "address in HR" },
    [DECIDE_FIXED_EXCLUDED] = { "a filter leaves that person out",
                                "another address in HR or on the platform for one of the two" },
    [DECIDE_FIXED_CLAIMED] = { "HR states that for somebody else too",
                               "somebody correcting it in HR" },
    [DECIDE_FIXED_TAKEN] = { "that is another account's, which keeps it",
                             "another address in HR or on the platform for one of them" },
    [DECIDE_FIXED_ASKED] = { "it may be somebody else's by now",
                             "somebody saying whose that account is (rollcall conflict list)" },
};

static const char *remedy_of(const struct rules *r) {
    const struct account *theirs = r->refs->held_by;
    bool by_address =
        strcmp(r->d->code, "email-taken") == 0 || strcmp(r->d->code, DECIDE_SWAPPED) == 0;
    if (by_address && account_exists(r->there) && decide_is_leavers(r->refs))
        return "somebody giving the closed account some other address on the platform, which settles "
               "it with the next inventory; or, where each of the two was linked to the wrong person, "
               "taking both back and linking the right one (rollcall accounts unlink, then link)";
    for (size_t i = 0; i < RC_LEN(code_remedies); i++)
        if (strcmp(r->d->code, code_remedies[i].code) == 0)
            return code_remedies[i].remedy;
    if (strcmp(r->d->code, "email-taken") == 0 && theirs != NULL && theirs->tie == ACCOUNT_IGNORED)
        return "another address in HR or on the platform, or somebody taking back that the account "
               "is left alone (rollcall accounts ignore --no-longer)";
    if (strcmp(r->d->code, "email-taken") == 0 && r->refs->held_by_fixed != DECIDE_FIXED_NOT)
        return fixed_words[r->refs->held_by_fixed].remedy;
    return wait_words[r->d->waits].remedy;
}

const char *decide_wait_name(enum decide_wait w) {
    return wait_words[w].name;
}

static void say_value(struct text t, struct buf *ret) {
    if (t.state == TEXT_SET)
        buf_append(ret, t.ptr, t.len);
    else
        buf_str(ret, "(nothing)");
}

static void say_day(date_days day, struct buf *ret) {
    char s[DATE_TEXT_BYTES];
    buf_str(ret, day == DATE_NONE ? "the first day" : date_format(day, s));
}

/* The word for an invitation: to whom, and for which day. */
static void say_asked(const struct rules *r, struct buf *ret) {
    say_value(r->own->approved[ACCOUNT_APPROVAL_INVITE], ret);
    if (r->own->invite_on != 0) {
        buf_str(ret, " on ");
        say_day(r->own->invite_on, ret);
    }
}

/* What makes the lifecycle, with the value that it was read from. */
static void say_rule(const struct rules *r, struct buf *ret) {
    static const struct {
        const char *rule;
        enum user_field from;
    } froms[] = {
        { "status-", USER_STATUS },    { "employed", USER_STATUS },
        { "onboarding", USER_STATUS }, { "end-date-", USER_LEAVE_DATE },
        { "ended-", USER_LEAVE_DATE }, { "starts-", USER_HIRE_DATE },
        { "started", USER_HIRE_DATE },
    };
    const char *rule = r->d->lifecycle_rule;
    struct text excluded = r->person->user->fields[USER_EXCLUDED];
    if (excluded.state == TEXT_SET && !lifecycle_is_gone(r->d->lifecycle)) {
        buf_printf(ret, "a filter leaves this person out: %.*s", TEXT_ARG(excluded));
        return;
    }
    for (size_t i = 0; i < sizeof froms / sizeof *froms; i++)
        if (strncmp(rule, froms[i].rule, strlen(froms[i].rule)) == 0) {
            buf_printf(ret, "%s ", user_field_name(froms[i].from));
            say_value(r->person->user->fields[froms[i].from], ret);
            buf_str(ret, ": ");
            break;
        }
    buf_str(ret, lifecycle_rule_sentence(rule));
}

static bool say_of_field(const struct decide_field *f, const char *word, struct buf *ret) {
    if (f == NULL)
        return false;
    if (strcmp(word, "field") == 0)
        say_value(f->name, ret);
    else if (strcmp(word, "from") == 0)
        say_value(f->from, ret);
    else if (strcmp(word, "to") == 0)
        say_value(f->to, ret);
    else
        return false;
    return true;
}

static bool say_word(const struct rules *r, const struct decide_field *f, const char *word,
                     struct buf *ret) {
    const struct account *theirs = r->refs->held_by;
    for (int i = 0; i < USER_FIELDS_N; i++)
        if (strcmp(word, user_field_name((enum user_field)i)) == 0)
            return say_value(r->person->user->fields[i], ret), true;
    if (strcmp(word, "account") == 0)
        say_value(r->there->remote_id, ret);
    else if (strcmp(word, "its_email") == 0)
        say_value(account_shows(&r->there->fields[USER_EMAIL]), ret);
    else if (strcmp(word, "its_known_email") == 0)
        say_value(r->there->email_with_id.state == TEXT_SET
                      ? r->there->email_with_id
                      : r->there->fields[USER_EMAIL].delivered,
                  ret);
    else if (strcmp(word, "apart") == 0)
        say_value(r->own->approved[ACCOUNT_APPROVAL_APART], ret);
    else if (strcmp(word, "role") == 0)
        say_value(r->there->role, ret);
    else if (strcmp(word, "theirs") == 0)
        say_value(theirs != NULL ? theirs->remote_id : TEXT_LIT("(several)"), ret);
    else if (strcmp(word, "wants") == 0)
        say_value(r->refs->held_by_wants, ret);
    else if (strcmp(word, "fixed") == 0)
        buf_str(ret, fixed_words[r->refs->held_by_fixed].why);
    else if (strcmp(word, "round") == 0)
        say_value(r->refs->held_in_round, ret);
    else if (strcmp(word, "said") == 0)
        say_value(r->there->declined_said, ret);
    else if (strcmp(word, "rule") == 0)
        say_rule(r, ret);
    else if (strcmp(word, "day") == 0)
        say_day(r->d->due_on, ret);
    else if (strcmp(word, "asked") == 0)
        say_asked(r, ret);
    else if (strcmp(word, "believed") == 0)
        say_day(lifecycle_disbelieved_on(&r->person->facts, &r->policy->lifecycle), ret);
    else if (strcmp(word, "read_on") == 0)
        say_day(r->person->facts.read_on, ret);
    else if (strcmp(word, "setting") == 0 && r->closing.cause < POLICY_CAUSES_N)
        buf_printf(ret, "close-%s", policy_cause_name(r->closing.cause));
    else if (strcmp(word, "held_run") == 0)
        buf_printf(ret, "%lld", (long long)r->refs->held_run_id);
    else if (strcmp(word, "run") == 0) {
        const struct decide_pin *pin = f != NULL ? decide_pin_of(r->refs, f->field, f->name) : NULL;
        buf_printf(ret, "%lld",
                   (long long)(pin != NULL ? pin->run_id : r->refs->account_pin_run_id));
    } else
        return false;
    return true;
}

/* r NULL: the template has words of the field alone. */
static void say(const struct rules *r, const char *template, const struct decide_field *f,
                struct buf *ret) {
    char word[WORD_BYTES];
    for (const char *p = template; *p != '\0';) {
        const char *end = *p == '{' ? strchr(p, '}') : NULL;
        size_t len = end != NULL ? (size_t)(end - p) - 1 : 0;
        if (len > 0 && len < sizeof word) {
            memcpy(word, p + 1, len);
            word[len] = '\0';
            if (say_of_field(f, word, ret) || (r != NULL && say_word(r, f, word, ret))) {
                p = end + 1;
                continue;
            }
        }
        size_t plain = 1 + strcspn(p + 1, "{");
        buf_append(ret, p, plain);
        p += plain;
    }
}

/* Where sentences are made: a usual one fits without the buffer growing. */
static void begin(struct buf *b) {
    enum { USUAL_BYTES = 250 };
    buf_init(b, SENTENCE_BYTES);
    (void)buf_room(b, USUAL_BYTES);
}

struct text decide_field_says(const struct decide_field *f, struct arena *a) {
    struct buf b;
    if (strcmp(f->code, DECIDE_HR_STATES) != 0)
        return (struct text){ 0 };
    begin(&b);
    say(NULL, DECIDE_HR_STATES_WHY, f, &b);
    struct text t = text_copy(a, text_from(b.ptr, b.len));
    buf_done(&b);
    return t;
}

void decide_tell(struct rules *r) {
    struct decision *d = r->d;
    size_t sends = decide_sends(d);
    struct buf b;
    begin(&b);
    d->fields = arena_copy(r->a, r->fields, d->fields_n * sizeof *d->fields);
    for (size_t i = 0; i < d->fields_n; i++) {
        buf_clear(&b);
        say(r, r->fields_why[i], &d->fields[i], &b);
        d->fields[i].sentence = text_copy(r->a, text_from(b.ptr, b.len));
    }
    buf_clear(&b);
    say(r, r->why, r->told, &b);
    if (d->verb == DECIDE_UPDATE && r->told != NULL && sends > 1)
        buf_printf(&b, ", and %zu more", sends - 1);
    d->sentence = text_copy(r->a, text_from(b.ptr, b.len));
    buf_done(&b);
    d->remedy = text_of(remedy_of(r));
}
