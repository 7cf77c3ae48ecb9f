#include "tests/sync/documents.h"

#define INTEGRATION                                                                                \
    "\"hr\":{\"source\":\"personio\",\"team\":\"team\",\"schedule\":\"every 30 minutes\","         \
    "\"settings\":{\"client-id\":\"papi\",\"page-size\":50},"                                      \
    "\"limits\":{\"leavers\":{\"run\":[2,1]}},"                                                    \
    "\"mapping\":[\"primary_team = team\",\"\",\"# two \\\"lines\\\"\"]}"
#define DESTINATION                                                                                \
    "\"la\":{\"adapter\":\"learnamp\",\"feeds\":[\"hr\"],\"settings\":{\"base-url\":"              \
    "\"https://a.example\",\"client-id\":\"x\"},\"policy\":{\"invite\":\"on-hire-date\","          \
    "\"protect-roles\":\"owner,admin\"}}"

const char documents_whole[] =
    "{\"company\":\"nova\",\"name\":\"Acm\xc3\xa9\",\"zone\":\"Europe/Vienna\",\"retention\":"
    "{\"history\":90,\"runs\":null},\"alerts\":[\"a@nova.example\"],\"integrations\":{" INTEGRATION
    "},\"destinations\":{" DESTINATION "}}";

static struct clock_fake fake;
static struct clock_source source;

struct config_options documents_options(struct bed *b) {
    fake.now_us = T0;
    source = clock_fake_source(&fake);
    return (struct config_options){
        .operates = true, .creates = true, .key = b->key, .clock = &source, .who = "the test"
    };
}

struct config documents_read(struct bed *b, const char *text) {
    struct config c;
    OK(config_read(text_of(text), &b->a, &c, &why));
    return c;
}

struct config_applied documents_apply_with(struct bed *b, const char *text,
                                           const struct config_options *o) {
    struct config c = documents_read(b, text);
    struct config_applied applied;
    OK(config_apply(b->st, &c, o, &b->a, &applied, &why));
    return applied;
}

struct config_applied documents_apply(struct bed *b, const char *text) {
    struct config_options o = documents_options(b);
    return documents_apply_with(b, text, &o);
}

struct rc_error documents_refused(struct bed *b, const char *text, const struct config_options *o) {
    struct config c;
    struct config_applied applied;
    struct rc_error err = { 0 };
    enum rc_code rc = config_read(text_of(text), &b->a, &c, &err);
    if (rc == RC_OK)
        rc = config_apply(b->st, &c, o, &b->a, &applied, &err);
    assert_int_not_equal(rc, RC_OK);
    return err;
}

const char *documents_exported(struct bed *b, const char *key) {
    struct company co;
    struct config c;
    struct buf out;
    OK(company_find(b->st, key, &b->a, &co, &why));
    OK(config_load(b->st, &co, &b->a, &c, &why));
    buf_init(&out, CONFIG_BYTES);
    config_write(&c, &out);
    const char *s = arena_str(&b->a, out.ptr, out.len);
    buf_done(&out);
    return s;
}
