#include "tests/sync/office.h"

#include <stdio.h>

#include "base/log.h"
#include "store/alert.h"

void office_to(struct world *w, const char *a, const char *b) {
    const char *addresses[] = { a, b };
    OK(db_begin(w->bed->st->db, &why));
    OK(alert_to_set(w->bed->st, w->bed->company_id, addresses,
                    a == NULL   ? 0
                    : b == NULL ? 1
                                : 2,
                    &why));
    OK(db_commit(w->bed->st->db, &why));
}

void office_open(struct office *f, struct world *w) {
    *f = (struct office){ .w = w };
    f->fake = smtp_fake_open(f->answers);
    snprintf(f->url, sizeof f->url, "smtp://127.0.0.1:%u", smtp_fake_port(f->fake));
    f->server = (struct mail_server){ .url = f->url,
                                      .from = "rollcall@acme.example",
                                      .connect_timeout_us = 1000000,
                                      .total_timeout_us = 1000000 };
    f->o = (struct alerts_options){ .server = &f->server };
    log_set_level(LOG_LEVEL_ERROR);
    office_to(w, ADMIN, NULL);
}

void office_close(struct office *f) {
    smtp_fake_free(f->fake);
}

void office_move(struct office *f, int64_t seconds) {
    f->w->fake.now_us += seconds * 1000000;
}

unsigned office_look(struct office *f) {
    OK(alerts_keep(f->w->bed->st, &f->w->company, &f->o, &f->w->clock, &f->known, &why));
    unsigned before = f->told;
    f->told = smtp_fake_taken(f->fake);
    return f->told - before;
}

bool office_mail_says(const struct office *f, const char *words) {
    /* lines that quoted-printable has broken are one */
    char text[20000];
    size_t n = 0;
    for (const char *p = smtp_fake_mail(f->fake); *p != '\0' && n < sizeof text - 1; p++) {
        if (strncmp(p, "=\r\n", 3) == 0)
            p += 2;
        else
            text[n++] = *p;
    }
    text[n] = '\0';
    return strstr(text, words) != NULL;
}

struct run office_hold(struct world *w, const char *domain) {
    for (int i = 2; i <= 7; i++)
        world_put(w, arena_printf(&w->bed->a, "%d", i),
                  arena_printf(&w->bed->a, "email=p%d@%s", i, domain));
    struct run r = world_import(w);
    assert_state(&r, RUN_HELD);
    return r;
}
