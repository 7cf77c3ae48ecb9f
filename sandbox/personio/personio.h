/* personio.h - Personio as it is played: the company, what is prepared of its answers, and the files
 * that answer. */
#pragma once
#include "sandbox/sandbox.h" /* first: what follows needs its types */
#include "sandbox/personio/hooks.h"
#include "sandbox/personio/readers.h"
#include "sandbox/personio/render.h"
#include "sandbox/personio/world.h"

enum switch_id {
#define SWITCH(id, name, fallback, words, mark, text) SW_##id,
#include "sandbox/personio/switches.inc"
#undef SWITCH
    SW_COUNT,
};

enum route {
    ROUTE_V1_AUTH,
    ROUTE_V2_AUTH,
    ROUTE_V2_REVOKE,
    ROUTE_LIST,
    ROUTE_GET,
    ROUTE_ATTRIBUTES,
    ROUTE_PICTURE,
    ROUTE_HOOK_CREATE,
    ROUTE_HOOK_LIST,
    ROUTE_HOOK_GET,
    ROUTE_HOOK_UPDATE,
    ROUTE_HOOK_DELETE,
    ROUTE_HOOK_PING,
    ROUTE_HOOK_TEST,
    ROUTE_HOOK_EVENTS,
    ROUTE_HOOK_ACTIVITY,
    ROUTE_HOOK_REDELIVER,
    ROUTE_OTHER,
    ROUTE_COUNT
};

struct personio {
    struct sandbox sb; /* first */
    struct world world;
    struct render render;
    struct cache cache;
    struct hooks hooks;
};
static inline struct personio *personio_of(const struct sandbox *sb) {
    return (struct personio *)(uintptr_t)sb;
}

/* Rows and pages again, after switches, members or credentials changed; under the write lock. */
void personio_changed(struct sandbox *sb);
void answer_v1_error(struct call *c, int status, int code, const char *message);
void answer_v2_auth_error(struct call *c, const char *error, const char *fragment, const char *meta,
                          const char *why);

/* auth.c */
void auth_v1(struct call *c);
void auth_v2(struct call *c);
void auth_revoke(struct call *c);
bool auth_check(struct call *c); /* false: refused, and the refusal is the answer */

/* employees.c */
void employees_list(struct call *c);
void employees_get(struct call *c);
void employees_attributes(struct call *c);
struct page *employees_page(struct sandbox *sb, const struct reader *k, uint64_t attrs,
                            uint32_t limit, uint64_t offset);
uint64_t employees_asked(struct call *c, bool *ret_any); /* the mask of attributes[] */

/* picture.c */
void picture_get(struct call *c);

/* control_people.c, control_life.c, prepare.c: what stands behind /_control/. Each answers false
 * when the path is not its own. body is NULL when none was sent. */
bool control_people(struct call *c, const char *path, json body);
bool control_life(struct call *c, const char *path, json body);
bool control_prepare(struct call *c, const char *path, json body);
uint32_t control_hire(struct sandbox *sb, json body,
                      uint32_t now_s); /* somebody new, of whom body may be NULL */
