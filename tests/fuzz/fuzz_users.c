/* A page of Learn Amp's users or teams, and a refusal, from the bytes of the body: whatever comes, an
 * account is clean or has no id. */
#include <string.h>
#include "destination/learnamp_p.h"
#include "tests/fuzz/must.h"

static void check_text(struct text t) {
    MUST(t.state == TEXT_MISSING || t.state == TEXT_EMPTY || t.state == TEXT_SET);
    MUST(t.state != TEXT_SET ||
         (t.len > 0 && t.len <= USER_TEAMS_BYTES && text_is_utf8(t.ptr, t.len)));
}

static void check_id(struct text id) {
    int64_t n;
    MUST(id.state == TEXT_MISSING || (id.state == TEXT_SET && id.ptr[0] != '0'));
    for (size_t i = 0; i < id.len; i++)
        MUST(id.ptr[i] >= '0' && id.ptr[i] <= '9');
    if (id.state == TEXT_SET && id.len <= 18)
        MUST(learnamp_id_parse(id, &n) && n > 0);
}

static void check_account(const struct account *a) {
    check_id(a->remote_id);
    check_text(a->external_id);
    check_text(a->role);
    MUST(a->status < ACCOUNT_STATUSES_N && a->mail <= ACCOUNT_MAIL_SENT);
    MUST(a->invited_on == DATE_NONE || a->mail == ACCOUNT_MAIL_SENT);
    MUST(a->user_id == 0 && a->tie == ACCOUNT_STRANGER && a->left_as == ACCOUNT_UNKNOWN);
    for (enum user_field f = 0; f < USER_FIELDS_N; f++) {
        check_text(a->fields[f].known);
        MUST(a->remote_id.state == TEXT_SET || a->fields[f].known.state == TEXT_MISSING);
        MUST(a->fields[f].delivered.state == TEXT_MISSING);
        if ((f == USER_HIRE_DATE || f == USER_LEAVE_DATE) && a->fields[f].known.state == TEXT_SET)
            MUST(a->fields[f].known.len == 10);
    }
    for (size_t i = 0; i < a->custom_n; i++) {
        check_text(a->custom[i].name);
        check_text(a->custom[i].field.known);
    }
}

static void refusal(json root, struct arena *a) {
    static struct decide_field fields[] = {
        { .field = USER_EMAIL, .does = DECIDE_FIELD_SENDS, .to = { TEXT_SET, "a", 1 } },
        { .field = USER_FIELDS_N, .does = DECIDE_FIELD_SENDS, .to = { TEXT_EMPTY, "", 0 } },
        { .field = USER_JOB_TITLE, .does = DECIDE_FIELD_STAYS },
    };
    const struct destination_change change = { .fields = fields, .fields_n = RC_LEN(fields) };
    struct learnamp_answer answer = { .status = 400, .root = root };
    struct learnamp_refusal r;
    learnamp_refusal_read(&answer, &change, a, &r);
    MUST(r.fields_n <= 2 && !r.fields[2]);
    struct text said = learnamp_said(&answer, a);
    check_text(said);
    MUST(said.state == TEXT_SET);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct json_reader *reader = json_reader_new(1 << 20);
    struct arena a;
    json root = NULL;
    arena_init(&a);
    if (json_parse_copy(reader, (const char *)data, size, &root, NULL) == RC_OK) {
        for (int what = 0; what < 2; what++) {
            struct destination_page page = { 0 };
            if (learnamp_page_read(root, (enum destination_list)what, LEARNAMP_LEAVE_DATE, &a,
                                   &page, NULL) != RC_OK)
                continue;
            for (size_t i = 0; i < page.accounts_n; i++)
                check_account(&page.accounts[i]);
            for (size_t i = 0; i < page.teams_n; i++) {
                check_id(page.teams[i].remote_id);
                check_text(page.teams[i].name);
                check_text(page.teams[i].external_id);
                MUST(page.teams[i].members_n >= -1);
            }
        }
        refusal(root, &a);
    }
    arena_done(&a);
    json_reader_free(reader);
    return 0;
}
