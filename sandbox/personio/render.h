/* render.h - a person as Personio v1 writes it. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "sandbox/personio/attrs.h"

struct sandbox;
struct fragment { /* what stands before and behind a value: it is the same for everybody */
    char *head, *tail;
    size_t head_n, tail_n;
};
struct render {
    struct fragment attr[ATTR_COUNT];
    uint64_t shown; /* attributes that are answered at all under the switches of now */
};

void render_prepare(struct sandbox *sb); /* after each change of a switch, under the write lock */
void render_done(struct render *r);
void render_person(const struct sandbox *sb, struct buf *b, uint32_t index, uint64_t attrs);
void render_catalogue(const struct sandbox *sb, struct buf *b, uint64_t attrs);
