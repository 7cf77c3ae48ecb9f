#include "tests/base/helper.h"
#include "base/rng.h"
#include "people/stored_account.h"

static struct arena arena;
static struct json_reader *reader;
static struct buf first, second;

static json parse(const char *s, size_t len) {
    json doc = NULL;
    struct rc_error err;
    if (json_parse_copy(reader, s, len, &doc, &err) != RC_OK)
        fail_msg("%s: %.*s", err.text, (int)len, s);
    return doc;
}

/* ---- random accounts and decisions ---- */

static struct text random_text(struct rng *r) {
    static const char *const parts[] = {
        "Mira", "\"",   "\\", "\n", "\t", "\xc3\xa9", "\xe6\x9d\x8e", "\xf0\x9f\x98\x80",
        "</b>", "null", "{",  " ",  "'",  "\x1f"
    };
    char s[200] = "";
    if (rng_below(r, 3) == 0)
        return (struct text){ 0 };
    if (rng_below(r, 4) == 0)
        return TEXT_NONE;
    for (uint32_t n = 1 + rng_below(r, 12); n > 0; n--)
        strcat(s, parts[rng_below(r, RC_LEN(parts))]);
    return text_copy(&arena, text_of(s));
}

static const char *random_word(struct rng *r) {
    static const char *const words[] = { NULL, "", "hr-states", "employed" };
    return words[rng_below(r, RC_LEN(words))];
}

static date_days random_day(struct rng *r) {
    static const date_days days[] = { DATE_NONE, 0, -5, 20500, INT32_MAX, INT32_MIN + 1 };
    return days[rng_below(r, RC_LEN(days))];
}

static struct account_field random_values(struct rng *r) {
    if (rng_below(r, 3) == 0)
        return (struct account_field){ 0 };
    return (struct account_field){ random_text(r), random_text(r), random_text(r) };
}

static struct account random_account(struct rng *r) {
    struct account a = { .user_id = 7,
                         .remote_id = TEXT_LIT("88"),
                         .external_id = TEXT_LIT("x:hr:1"),
                         .tie = ACCOUNT_LINKED,
                         .status = ACCOUNT_DEACTIVATED,
                         .email_with_id = random_text(r),
                         .role = random_text(r),
                         .left_as = (enum account_status)rng_below(r, ACCOUNT_STATUSES_N),
                         .sticky = (enum account_sticky)rng_below(r, ACCOUNT_STICKIES_N),
                         .mail = (enum account_mail)rng_below(r, ACCOUNT_MAILS_N),
                         .invited_on = random_day(r),
                         .invite_on = rng_below(r, 2) ? (date_days)rng_below(r, 40000) : 0,
                         .delivered_run_id = rng_below(r, 2) ? INT64_MAX : 0 };
    if (rng_below(r, 2))
        a.gone = (struct account_gone){ true, random_day(r), random_day(r), random_day(r) };
    for (int f = 0; f < USER_FIELDS_N; f++)
        a.fields[f] = random_values(r);
    a.custom_n = rng_below(r, 5);
    struct account_custom *custom = ARENA_NEW(&arena, struct account_custom, a.custom_n + 1);
    for (size_t i = 0; i < a.custom_n; i++)
        custom[i] = (struct account_custom){ random_text(r), random_values(r) };
    a.custom = custom;
    for (int p = ACCOUNT_APPROVAL_NONE + 1; p < ACCOUNT_APPROVALS_N; p++)
        a.approved[p] = random_text(r);
    a.declined_n = rng_below(r, 4);
    struct account_sent *sent = ARENA_NEW(&arena, struct account_sent, a.declined_n + 1);
    for (size_t i = 0; i < a.declined_n; i++) {
        enum user_field f = (enum user_field)rng_below(r, USER_FIELDS_N + 1);
        sent[i] = (struct account_sent){
            f, f < USER_FIELDS_N ? text_of(user_field_name(f)) : random_text(r), random_text(r)
        };
    }
    a.declined = sent;
    a.declined_said = a.declined_n > 0 ? random_text(r) : (struct text){ 0 };
    return a;
}

static struct decide_field random_field(struct rng *r) {
    struct decide_field f = { .field = (enum user_field)rng_below(r, USER_FIELDS_N + 1),
                              .does = (enum decide_field_does)rng_below(r, 3),
                              .waits = (enum decide_wait)rng_below(r, DECIDE_WAITS_N),
                              .from = random_text(r),
                              .to = random_text(r),
                              .code = random_word(r),
                              .sentence = random_text(r) };
    f.name = f.field < USER_FIELDS_N ? text_of(user_field_name(f.field)) : random_text(r);
    if (f.code != NULL && strcmp(f.code, DECIDE_HR_STATES) == 0)
        f.sentence = decide_field_says(&f, &arena); /* as decide() tells it */
    return f;
}

static struct decision random_decision(struct rng *r) {
    struct decision d = { .verb = (enum decide_verb)rng_below(r, DECIDE_VERBS_N),
                          .code = random_word(r),
                          .sentence = random_text(r),
                          .fields_n = rng_below(r, 6),
                          .mails = rng_below(r, 2),
                          .mail = (enum account_mail)rng_below(r, ACCOUNT_MAILS_N),
                          .reactivates = rng_below(r, 2),
                          .links = random_text(r),
                          .leaves_team = random_text(r),
                          .waits = (enum decide_wait)rng_below(r, DECIDE_WAITS_N),
                          .due_on = random_day(r),
                          .due_verb = (enum decide_verb)rng_below(r, DECIDE_VERBS_N),
                          .due_code = random_word(r),
                          .remedy = random_text(r),
                          .approval = (enum account_approval)rng_below(r, ACCOUNT_APPROVALS_N),
                          .approves = random_text(r),
                          .left_as = (enum account_status)rng_below(r, ACCOUNT_STATUSES_N),
                          .sticky = (enum account_sticky)rng_below(r, ACCOUNT_STICKIES_N),
                          .lifecycle = (enum lifecycle)rng_below(r, LIFECYCLES_N),
                          .lifecycle_rule = random_word(r) };
    d.fields = ARENA_NEW(&arena, struct decide_field, d.fields_n + 1);
    for (size_t i = 0; i < d.fields_n; i++)
        d.fields[i] = random_field(r);
    return d;
}

/* ---- there and back ---- */

static void assert_values(struct account_field got, struct account_field want) {
    assert_true(text_equal(got.known, want.known));
    assert_true(text_equal(got.delivered, want.delivered));
    assert_true(text_equal(got.refused, want.refused));
}

static void assert_account(const struct account *got, const struct account *want) {
    assert_true(text_equal(got->role, want->role));
    assert_int_equal(got->left_as, want->left_as);
    assert_int_equal(got->sticky, want->sticky);
    assert_int_equal(got->mail, want->mail);
    assert_int_equal(got->invited_on, want->invited_on);
    assert_int_equal(got->invite_on, want->invite_on);
    assert_int_equal(got->delivered_run_id, want->delivered_run_id);
    assert_true(account_gone_equal(&got->gone, &want->gone));
    for (int f = 0; f < USER_FIELDS_N; f++)
        assert_values(got->fields[f], want->fields[f]);
    assert_int_equal(got->custom_n, want->custom_n);
    for (size_t i = 0; i < want->custom_n; i++) {
        assert_true(text_equal(got->custom[i].name, want->custom[i].name));
        assert_values(got->custom[i].field, want->custom[i].field);
    }
    for (int p = 0; p < ACCOUNT_APPROVALS_N; p++)
        assert_true(text_equal(got->approved[p], want->approved[p]));
    assert_true(text_equal(got->email_with_id, want->email_with_id));
    assert_int_equal(got->declined_n, want->declined_n);
    assert_true(text_equal(got->declined_said, want->declined_said));
    for (size_t i = 0; i < want->declined_n; i++) {
        assert_int_equal(got->declined[i].field, want->declined[i].field);
        assert_true(text_equal(got->declined[i].name, want->declined[i].name));
        assert_true(text_equal(got->declined[i].value, want->declined[i].value));
    }
}

/* The reader has had another document since: nothing may point into the first one. */
static void use_the_reader_again(void) {
    static const char other[] = "{\"role\":\"overwritten overwritten overwritten overwritten\"}";
    char *room = arena_alloc(&arena, first.len + 64);
    memset(room, ' ', first.len + 64);
    memcpy(room, other, sizeof other - 1);
    parse(room, first.len + 64);
}

static void any_account_comes_back_as_it_went_in(void **state) {
    struct rng r;
    (void)state;
    rng_init(&r, 2026, 1);
    for (int i = 0; i < 3000; i++) {
        arena_reset(&arena);
        struct account a = random_account(&r);
        struct account back = { .user_id = 9, .tie = ACCOUNT_IGNORED, .role = TEXT_LIT("old") };
        buf_clear(&first);
        stored_account_write(&a, &first);
        assert_false(first.full);
        assert_int_equal(stored_account_read(parse(first.ptr, first.len), &arena, &back, NULL),
                         RC_OK);
        use_the_reader_again();
        assert_account(&back, &a);
        assert_int_equal(back.user_id, 9); /* columns of the row */
        assert_int_equal(back.tie, ACCOUNT_IGNORED);
    }
}

static void assert_text(const char *got, const char *want) {
    if (want == NULL)
        assert_null(got);
    else
        assert_string_equal(got, want);
}

static void assert_field(const struct decide_field *got, const struct decide_field *want) {
    assert_int_equal(got->field, want->field);
    assert_true(text_equal(got->name, want->name));
    assert_int_equal(got->does, want->does);
    assert_int_equal(got->waits, want->waits);
    assert_true(text_equal(got->from, want->from));
    assert_true(text_equal(got->to, want->to));
    assert_text(got->code, want->code);
    assert_true(text_equal(got->sentence, want->sentence));
}

static void assert_decision(const struct decision *got, const struct decision *want) {
    assert_int_equal(got->verb, want->verb);
    assert_text(got->code, want->code);
    assert_true(text_equal(got->sentence, want->sentence));
    assert_int_equal(got->fields_n, want->fields_n);
    for (size_t i = 0; i < want->fields_n; i++)
        assert_field(&got->fields[i], &want->fields[i]);
    assert_int_equal(got->mails, want->mails);
    assert_int_equal(got->mail, want->mail);
    assert_int_equal(got->reactivates, want->reactivates);
    assert_true(text_equal(got->links, want->links));
    assert_true(text_equal(got->leaves_team, want->leaves_team));
    assert_int_equal(got->waits, want->waits);
    assert_int_equal(got->due_on, want->due_on);
    assert_int_equal(got->due_verb, want->due_verb);
    assert_text(got->due_code, want->due_code);
    assert_true(text_equal(got->remedy, want->remedy));
    assert_int_equal(got->approval, want->approval);
    assert_true(text_equal(got->approves, want->approves));
    assert_int_equal(got->left_as, want->left_as);
    assert_int_equal(got->sticky, want->sticky);
    assert_int_equal(got->lifecycle, want->lifecycle);
    assert_text(got->lifecycle_rule, want->lifecycle_rule);
}

static void any_decision_comes_back_as_it_went_in(void **state) {
    struct rng r;
    (void)state;
    rng_init(&r, 2026, 2);
    for (int i = 0; i < 3000; i++) {
        arena_reset(&arena);
        struct decision d = random_decision(&r), back;
        buf_clear(&first);
        stored_decision_write(&d, &first);
        assert_false(first.full);
        assert_int_equal(stored_decision_read(parse(first.ptr, first.len), &arena, &back, NULL),
                         RC_OK);
        use_the_reader_again();
        assert_decision(&back, &d);
        assert_true(decision_is_same(&d, &back));
        buf_clear(&second);
        stored_decision_write(&back, &second);
        assert_string_equal(second.ptr, first.ptr);
    }
}

static void a_strangers_account_is_written_as_nothing(void **state) {
    struct account a = { .invited_on = DATE_NONE }, back = { 0 };
    (void)state;
    buf_clear(&first);
    stored_account_write(&a, &first);
    assert_string_equal(first.ptr, "{}");
    assert_int_equal(stored_account_read(parse("{}", 2), &arena, &back, NULL), RC_OK);
    assert_account(&back, &a);
}

static void the_formats_are_those_of_the_header(void **state) {
    static const struct account_custom custom = { { TEXT_SET, "Cost code", 9 },
                                                  { .known = { TEXT_SET, "4400", 4 } } };
    struct account a = { .role = TEXT_LIT("owner"),
                         .left_as = ACCOUNT_ACTIVE,
                         .sticky = ACCOUNT_STAYS_CLOSED,
                         .mail = ACCOUNT_MAIL_SENT,
                         .invited_on = 20512,
                         .delivered_run_id = 12,
                         .custom = &custom,
                         .custom_n = 1 };
    struct decide_field fields[] = {
        { .field = USER_JOB_TITLE,
          .name = TEXT_LIT("job_title"),
          .does = DECIDE_FIELD_SENDS,
          .from = TEXT_LIT("Packer"),
          .to = TEXT_LIT("Foreman"),
          .code = "hr-states" },
        { .field = USER_FIELDS_N,
          .name = TEXT_LIT("Cost code"),
          .does = DECIDE_FIELD_AWAITS,
          .waits = DECIDE_WAITS_FOR_OTHER,
          .to = TEXT_NONE },
    };
    struct decision d = { .verb = DECIDE_UPDATE,
                          .code = "hr-states",
                          .fields = fields,
                          .fields_n = 2,
                          .due_on = DATE_NONE,
                          .left_as = ACCOUNT_ACTIVE,
                          .lifecycle = LIFECYCLE_ACTIVE,
                          .lifecycle_rule = "employed" };
    (void)state;
    a.fields[USER_FIRST_NAME] = (struct account_field){ TEXT_LIT("Mira"), TEXT_NONE, { 0 } };
    a.fields[USER_MANAGER].refused = TEXT_LIT("77");
    a.approved[ACCOUNT_APPROVAL_ADOPT] = TEXT_LIT("88");
    buf_clear(&first);
    stored_account_write(&a, &first);
    assert_string_equal(first.ptr,
                        "{\"role\":\"owner\",\"left_as\":\"active\",\"sticky\":\"stays-closed\","
                        "\"mail\":\"sent\",\"invited_on\":20512,\"run\":12,\"fields\":{"
                        "\"first_name\":{\"known\":\"Mira\",\"delivered\":null},"
                        "\"manager\":{\"refused\":\"77\"}},"
                        "\"custom\":[{\"name\":\"Cost code\",\"known\":\"4400\"}],"
                        "\"approved\":{\"adopt\":\"88\"}}");
    buf_clear(&first);
    stored_decision_write(&d, &first);
    assert_string_equal(first.ptr,
                        "{\"verb\":\"update\",\"code\":\"hr-states\",\"fields\":["
                        "{\"field\":\"job_title\",\"does\":\"sends\",\"from\":\"Packer\","
                        "\"to\":\"Foreman\",\"code\":\"hr-states\"},"
                        "{\"name\":\"Cost code\",\"does\":\"awaits\",\"waits\":\"other\","
                        "\"to\":null}],"
                        "\"left_as\":\"active\",\"lifecycle\":\"active\","
                        "\"lifecycle_rule\":\"employed\"}");
    assert_int_equal(stored_decision_read(parse(first.ptr, first.len), &arena, &d, NULL), RC_OK);
    assert_true(
        text_is(d.fields[0].sentence, "job_title: Packer -> Foreman: HR states this value"));
    assert_int_equal(d.fields[1].sentence.state, TEXT_MISSING);
}

/* ---- damage ---- */

static const struct damaged_row {
    const char *name, *json;
    bool decision;
} damaged[] = {
    { "an account that is a list", "[]", false },
    { "an account that is null", "null", false },
    { "a role that is a number", "{\"role\":7}", false },
    { "a status nobody knows", "{\"left_as\":\"asleep\"}", false },
    { "a status that is null", "{\"left_as\":null}", false },
    { "a sticky of other type", "{\"sticky\":true}", false },
    { "a mail nobody knows", "{\"mail\":\"posted\"}", false },
    { "a day that is a text", "{\"invited_on\":\"2026-01-01\"}", false },
    { "a day out of range", "{\"invited_on\":2147483648}", false },
    { "a day that stands for none", "{\"invited_on\":-2147483648}", false },
    { "a run below nothing", "{\"run\":-1}", false },
    { "a run with a fraction", "{\"run\":1.5}", false },
    { "fields that are a list", "{\"fields\":[]}", false },
    { "a field that is a text", "{\"fields\":{\"email\":\"x\"}}", false },
    { "a known value that is an object", "{\"fields\":{\"email\":{\"known\":{}}}}", false },
    { "custom that is an object", "{\"custom\":{}}", false },
    { "custom of texts", "{\"custom\":[\"x\"]}", false },
    { "a custom name that is a number", "{\"custom\":[{\"name\":1}]}", false },
    { "a custom value that is a number", "{\"custom\":[{\"name\":\"a\",\"known\":1}]}", false },
    { "approvals that are a text", "{\"approved\":\"adopt\"}", false },
    { "an approval that is true", "{\"approved\":{\"adopt\":true}}", false },
    { "a refusal that is an object", "{\"declined\":{}}", false },
    { "a refusal of a text", "{\"declined\":[\"email\"]}", false },
    { "a refusal of no field", "{\"declined\":[{\"field\":\"nothing\"}]}", false },
    { "a refusal in numbers", "{\"declined_said\":422}", false },
    { "a decision that is a text", "\"x\"", true },
    { "a verb nobody knows", "{\"verb\":\"delete\"}", true },
    { "a verb that is a number", "{\"verb\":3}", true },
    { "a code that is a number", "{\"code\":3}", true },
    { "a sentence that is a list", "{\"sentence\":[]}", true },
    { "mails that is a text", "{\"mails\":\"true\"}", true },
    { "reactivates that is null", "{\"reactivates\":null}", true },
    { "links that is a number", "{\"links\":88}", true },
    { "a team left that is a number", "{\"leaves_team\":88}", true },
    { "fields of a decision that are an object", "{\"fields\":{}}", true },
    { "fields of a decision that are null", "{\"fields\":null}", true },
    { "a decided field that is a text", "{\"fields\":[\"email\"]}", true },
    { "a decided field that nobody knows", "{\"fields\":[{\"field\":\"salary\"}]}", true },
    { "does that nobody knows", "{\"fields\":[{\"field\":\"email\",\"does\":\"x\"}]}", true },
    { "a value to send that is a number", "{\"fields\":[{\"field\":\"email\",\"to\":1}]}", true },
    { "a wait nobody knows", "{\"waits\":\"godot\"}", true },
    { "an approval nobody knows", "{\"approval\":\"x\"}", true },
    { "a lifecycle nobody knows", "{\"lifecycle\":\"asleep\"}", true },
    { "a rule that is a number", "{\"lifecycle_rule\":1}", true },
    { "a due day that is a text", "{\"due_on\":\"x\"}", true },
};

static void a_damaged_row_is_fatal_and_writes_nothing(void **state) {
    const struct damaged_row *r = *state;
    struct account a, a_before;
    struct decision d, d_before;
    struct rc_error err = { 0 };
    memset(&a, 0x5a, sizeof a);
    memset(&d, 0x5a, sizeof d);
    a_before = a;
    d_before = d;
    json doc = parse(r->json, strlen(r->json));
    assert_int_equal(r->decision ? stored_decision_read(doc, &arena, &d, &err)
                                 : stored_account_read(doc, &arena, &a, &err),
                     RC_FATAL);
    assert_non_null(strstr(err.text, r->decision ? "stored decision: " : "stored account: "));
    assert_memory_equal(&a, &a_before, sizeof a);
    assert_memory_equal(&d, &d_before, sizeof d);
}

/* Bytes of a good row changed at random: read, or refused, and what is read can be written. */
static void whatever_a_row_holds_it_is_read_or_refused(void **state) {
    struct rng r;
    int reads = 0, refusals = 0;
    (void)state;
    rng_init(&r, 2026, 3);
    for (int i = 0; i < 6000; i++) {
        arena_reset(&arena);
        struct account a = random_account(&r);
        struct decision d = random_decision(&r);
        json doc = NULL;
        buf_clear(&first);
        if (i % 2 == 0)
            stored_account_write(&a, &first);
        else
            stored_decision_write(&d, &first);
        for (uint32_t n = 1 + rng_below(&r, 3); n > 0; n--)
            first.ptr[rng_below(&r, (uint32_t)first.len)] = "{}[]\",:0-tfn x"[rng_below(&r, 14)];
        if (json_parse_copy(reader, first.ptr, first.len, &doc, NULL) != RC_OK)
            continue;
        enum rc_code rc = i % 2 == 0 ? stored_account_read(doc, &arena, &a, NULL)
                                     : stored_decision_read(doc, &arena, &d, NULL);
        assert_true(rc == RC_OK || rc == RC_FATAL);
        reads += rc == RC_OK;
        refusals += rc != RC_OK;
        if (rc != RC_OK)
            continue;
        buf_clear(&second);
        if (i % 2 == 0)
            stored_account_write(&a, &second);
        else
            stored_decision_write(&d, &second);
        parse(second.ptr, second.len);
    }
    assert_true(reads > 100);
    assert_true(refusals > 100);
}

/* ---- the same calls ---- */

static struct decide_field same_fields[] = {
    { .field = USER_JOB_TITLE, .does = DECIDE_FIELD_SENDS, .to = { TEXT_SET, "Foreman", 7 } },
    { .field = USER_MANAGER, .does = DECIDE_FIELD_AWAITS, .to = { TEXT_SET, "12", 2 } },
    { .field = USER_FIELDS_N,
      .name = { TEXT_SET, "Badge", 5 },
      .does = DECIDE_FIELD_SENDS,
      .to = { TEXT_SET, "B", 1 } },
    { .field = USER_EMAIL, .does = DECIDE_FIELD_STAYS, .to = { TEXT_SET, "a@x.org", 7 } },
};

static void same_verb(struct decision *d) {
    d->verb = DECIDE_REACTIVATE;
}
static void same_links(struct decision *d) {
    d->links = TEXT_LIT("89");
}
static void same_reactivates(struct decision *d) {
    d->reactivates = true;
}
static void same_mails(struct decision *d) {
    d->mails = true;
}
static void same_leaves(struct decision *d) {
    d->leaves_team = TEXT_LIT("5");
}
static void same_value(struct decision *d) {
    d->fields[0].to = TEXT_LIT("Packer");
}
static void same_empty(struct decision *d) {
    d->fields[0].to = TEXT_NONE;
}
static void same_awaited(struct decision *d) {
    d->fields[1].to = TEXT_LIT("13");
}
static void same_arrived(struct decision *d) {
    d->fields[1].does = DECIDE_FIELD_SENDS;
}
static void same_custom(struct decision *d) {
    d->fields[2].name = TEXT_LIT("Other badge");
}
static void same_fewer(struct decision *d) {
    d->fields[2].does = DECIDE_FIELD_STAYS;
}
static void same_more(struct decision *d) {
    d->fields[3].does = DECIDE_FIELD_SENDS;
}
static void same_sentence(struct decision *d) {
    d->sentence = d->fields[0].sentence = TEXT_LIT("another");
}
static void same_code(struct decision *d) {
    d->code = d->fields[0].code = "another";
}
static void same_from(struct decision *d) {
    d->fields[0].from = TEXT_LIT("Clerk");
}
static void same_stays(struct decision *d) {
    d->fields[3].to = TEXT_LIT("b@x.org");
}
static void same_without_stays(struct decision *d) {
    d->fields_n = 3;
}
static void same_order(struct decision *d) {
    struct decide_field f = d->fields[0];
    d->fields[0] = d->fields[2];
    d->fields[2] = f;
}

static const struct same_row {
    const char *name;
    void (*change)(struct decision *d);
    bool is_same;
} same_rows[] = {
    { "another verb is another call", same_verb, false },
    { "another account linked is another call", same_links, false },
    { "reactivating too is another call", same_reactivates, false },
    { "a mail is another call", same_mails, false },
    { "leaving a team is another call", same_leaves, false },
    { "another value is another call", same_value, false },
    { "emptying is another call", same_empty, false },
    { "another manager awaited is another call", same_awaited, false },
    { "a manager who has arrived is another call", same_arrived, false },
    { "another field of the platform's is another call", same_custom, false },
    { "a field less is another call", same_fewer, false },
    { "a field more is another call", same_more, false },
    { "another sentence is the same call", same_sentence, true },
    { "another code is the same call", same_code, true },
    { "another value before is the same call", same_from, true },
    { "what is left as it is plays no part", same_stays, true },
    { "what is left as it is may be there or not", same_without_stays, true },
    { "another order of fields is the same call", same_order, true },
};

static void decisions_are_the_same_as_the_row_says(void **state) {
    const struct same_row *row = *state;
    struct decide_field fields[RC_LEN(same_fields)];
    memcpy(fields, same_fields, sizeof fields);
    struct decision a = { .verb = DECIDE_UPDATE,
                          .fields = same_fields,
                          .fields_n = RC_LEN(same_fields),
                          .links = TEXT_LIT("88") },
                    b = a;
    b.fields = fields;
    assert_true(decision_is_same(&a, &b));
    row->change(&b);
    assert_int_equal(decision_is_same(&a, &b), row->is_same);
    assert_int_equal(decision_is_same(&b, &a), row->is_same);
}

int main(void) {
    struct CMUnitTest tests[RC_LEN(damaged) + RC_LEN(same_rows) + 5];
    size_t n = 0;
    arena_init(&arena);
    reader = json_reader_new(1 << 20);
    buf_init(&first, STORED_DECISION_BYTES);
    buf_init(&second, STORED_DECISION_BYTES);
    ADD_TEST(tests, n, any_account_comes_back_as_it_went_in);
    ADD_TEST(tests, n, any_decision_comes_back_as_it_went_in);
    ADD_TEST(tests, n, a_strangers_account_is_written_as_nothing);
    ADD_TEST(tests, n, the_formats_are_those_of_the_header);
    ADD_TEST(tests, n, whatever_a_row_holds_it_is_read_or_refused);
    ADD_ROWS(tests, n, damaged, a_damaged_row_is_fatal_and_writes_nothing);
    ADD_ROWS(tests, n, same_rows, decisions_are_the_same_as_the_row_says);
    int failed = RUN_TESTS(tests, n);
    buf_done(&first);
    buf_done(&second);
    json_reader_free(reader);
    arena_done(&arena);
    return failed;
}
