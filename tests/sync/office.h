/* office.h - people who are told: a world (world.h) with a mail server beside it that answers as it is told. */
#pragma once
#include "sync/alerts.h"
#include "tests/net/smtp_fake.h"
#include "tests/sync/world.h"

#define ADMIN    "ana.admin@acme.example"
#define OPERATOR "ops@hoster.example"
enum { MINUTE_S = 60 };

struct office {
    struct world *w;
    const char *answers[SMTP_PLACES_N];
    struct smtp_fake *fake;
    struct mail_server server;
    struct alerts_options o;
    struct alerts_server known;
    char url[100];
    unsigned told; /* mails up to the last look */
};

void office_open(struct office *f, struct world *w);
void office_close(struct office *f);
#define OFFICE(of)                                                                                 \
    struct world *w = *(of);                                                                       \
    __attribute__((cleanup(office_close))) struct office f;                                        \
    office_open(&f, w)

/* Who is told; NULL: one less. */
void office_to(struct world *w, const char *a, const char *b);
void office_move(struct office *f, int64_t seconds);
/* What has come since the last look. */
unsigned office_look(struct office *f);
/* The last mail. */
bool office_mail_says(const struct office *f, const char *words);
#define assert_mail_says(f, words)                                                                 \
    do {                                                                                           \
        if (!office_mail_says(f, words))                                                           \
            fail_msg("\"%s\" is not in\n%s", words, smtp_fake_mail((f)->fake));                    \
    } while (0)
/* Six addresses: held, and nobody leaves by it. */
struct run office_hold(struct world *w, const char *domain);
