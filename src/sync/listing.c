#include "sync/listing.h"

#include "json/json.h"

void listing_begin(struct listing *l) {
    *l = (struct listing){ .declared = -1 };
}

void listing_page(struct listing *l, const struct source_page *page) {
    l->pages++;
    l->rows += (int64_t)page->rows_n;
    l->bytes += page->body_bytes;
    l->end = page->end;
    /* The page that ends the listing may be an answer without a number; every page with people must
     * carry it. */
    if (page->declared_total < 0) {
        l->declared_missing |= page->rows_n > 0 || l->pages == 1;
        return;
    }
    l->declared_changed |= l->declared >= 0 && l->declared != page->declared_total;
    l->declared = page->declared_total;
}

void listing_row(struct listing *l, enum roll_sight sight) {
    l->repeated += sight == ROLL_REPEATED;
    l->repeated_other += sight == ROLL_REPEATED_OTHER;
}

void listing_unreadable(struct listing *l) {
    l->unreadable++;
}

#ifdef ROLLCALL_WITHOUT_PROOF /* negative control: the system tests must find victims with this */
bool listing_is_complete(const struct listing *l, size_t distinct, struct buf *ret_reason) {
    buf_printf(ret_reason, "%zu people in %lld pages, taken for all there are", distinct,
               (long long)l->pages);
    return true;
}
#else
bool listing_is_complete(const struct listing *l, size_t distinct, struct buf *ret_reason) {
    if (l->end == SOURCE_MORE || l->end == SOURCE_END_CAP)
        buf_printf(ret_reason, "the list has no end: %lld rows came, %lld people were declared",
                   (long long)l->rows, (long long)l->declared);
    else if (l->declared < 0 || l->declared_missing)
        buf_printf(ret_reason, "the source did not say on every page how many people there are");
    else if (l->declared_changed)
        buf_printf(ret_reason, "the number of people changed while the list was being read");
    else if (l->unreadable > 0)
        buf_printf(ret_reason, "%lld rows have no usable id", (long long)l->unreadable);
    else if (l->repeated_other > 0)
        buf_printf(
            ret_reason,
            "%lld people came twice with different contents: the list moved while it was read",
            (long long)l->repeated_other);
    else if ((uint64_t)l->declared != distinct)
        buf_printf(ret_reason, "%lld people are declared, but %zu came", (long long)l->declared,
                   distinct);
    else {
        buf_printf(ret_reason, "all %zu people declared came, in %lld pages", distinct,
                   (long long)l->pages);
        return true;
    }
    return false;
}
#endif

void listing_write(const struct listing *l, size_t distinct, bool complete, const char *reason,
                   struct buf *ret) {
    static const char *const ends[] = { "more",          "empty-page", "declared",
                                        "repeated-page", "no-end",     "refused-behind-the-last" };
    struct json_writer w;
    json_begin(&w, ret);
    json_object(&w, NULL);
    json_put_bool(&w, "complete", complete);
    json_put_cstr(&w, "reason", reason);
    json_put_int(&w, "declared", l->declared);
    json_put_int(&w, "distinct", (int64_t)distinct);
    json_put_int(&w, "rows", l->rows);
    json_put_int(&w, "pages", l->pages);
    json_put_int(&w, "repeated", l->repeated + l->repeated_other);
    json_put_int(&w, "bytes", (int64_t)l->bytes);
    json_put_cstr(&w, "end", ends[l->end]);
    json_object_end(&w);
}
