#include "sandbox/names.h"
#include <string.h>
#include "base/arena.h"
#include "base/cleanup.h"

/* Given names are "text/ascii/gender", family names "text/ascii", parted by semicolons. Some are
 * written with combining marks (decomposed) on purpose: a reader must not take them for other
 * people than the composed ones. */
static const struct group_text {
    unsigned weight;
    const char *first, *last;
} group_texts[] = {
    { 30, /* German */
      "Mira/mira/f;Jürgen/juergen/m;Käthe/kaethe/f;Jonas/jonas/m;Sören/soeren/m;Anneliese/"
      "anneliese/f;Björn/bjoern/m;"
      "Lena/lena/f;Karl-Heinz/karl-heinz/m;Ann-Kathrin/ann-kathrin/f;Ju\xcc\x88rgen/juergen/m;Kim/"
      "kim/d;Max/max/m",
      "Müller/mueller;Schmidt/schmidt;Weiß/weiss;Großmann/grossmann;von der "
      "Heide/vonderheide;Özdemir/oezdemir;"
      "Meyer-Lüdenscheid/meyer-luedenscheid;Köhler/koehler;Jäger/jaeger;Mu\xcc\x88ller/mueller;Zu "
      "Löwenstein/zuloewenstein" },
    { 12, /* English, Irish */
      "Alice/alice/f;George/george/m;Oliver/oliver/m;Siobhán/siobhan/f;Aoife/aoife/f;Ciarán/ciaran/"
      "m;Grace/grace/f;Alex/alex/d",
      "Smith/smith;O'Connor/oconnor;MacDonald/macdonald;Ó "
      "Briain/obriain;Taylor-Jones/taylor-jones;Null/null;Test/test;Brown/brown" },
    { 6, /* French */
      "Zoé/zoe/f;François/francois/m;Hélène/helene/f;Jean-Noël/jean-noel/m;Ge\xcc\x81rard/gerard/"
      "m;Anaïs/anais/f",
      "Lefèvre/lefevre;D'Aubigné/daubigne;Bœuf/boeuf;Dupont/dupont;Çelik-Martin/celik-martin;Le "
      "Goff/legoff" },
    { 6, /* Spanish, Portuguese */
      "José/jose/m;Begoña/begona/f;João/joao/m;Inês/ines/f;María del "
      "Mar/mariadelmar/f;Iñaki/inaki/m;Conceição/conceicao/f",
      "García/garcia;Muñoz/munoz;de la Cruz/delacruz;Gonçalves/goncalves;Ibáñez "
      "Peña/ibanezpena;Magalhães/magalhaes" },
    { 6, /* Polish, Czech, Slovak */
      "Łukasz/lukasz/m;Małgorzata/malgorzata/f;Jiří/jiri/m;Božena/bozena/f;Świętosława/swietoslawa/"
      "f;Šárka/sarka/f",
      "Wójcik/wojcik;Dąbrowska/dabrowska;Dvořák/dvorak;Žižka/zizka;Kowalczyk/kowalczyk;Šťastný/"
      "stastny" },
    { 6, /* Turkish: dotted and dotless i */
      "İpek/ipek/f;Işıl/isil/f;Çağrı/cagri/m;Gökhan/gokhan/m;Ayşe/ayse/f",
      "Yılmaz/yilmaz;Şahin/sahin;Öztürk/ozturk;Kılıç/kilic;İnan/inan" },
    { 4, /* Nordic */
      "Åsa/asa/f;Øyvind/oyvind/m;Þóra/thora/f;Jørgen/jorgen/m;Aino/aino/f",
      "Ångström/angstrom;Sørensen/sorensen;Guðmundsdóttir/gudmundsdottir;Mäkinen/makinen;Bjørnø/"
      "bjorno" },
    { 3, /* Hungarian, Romanian */
      "Győző/gyozo/m;Erzsébet/erzsebet/f;Ștefan/stefan/m;Ioana/ioana/f",
      "Kőszegi/koszegi;Szűcs/szucs;Țăranu/taranu;Popescu/popescu" },
    { 3, /* Greek */
      "Γιώργος/giorgos/m;Ελένη/eleni/f;Νίκος/nikos/m;Αθηνά/athina/f",
      "Παπαδόπουλος/papadopoulos;Οικονόμου/oikonomou;Αντωνίου/antoniou" },
    { 3, /* Russian, Ukrainian, Bulgarian */
      "Ольга/olga/f;Дмитрий/dmitrij/m;Їжак/jizhak/m;Оксана/oksana/f;Йордан/jordan/m",
      "Иванова/ivanova;Шевченко/shevchenko;Щербаков/shcherbakov;Ґалаґан/galagan" },
    { 3, /* Arabic, right to left */
      "محمد/mohammed/m;فاطمة/fatima/f;ليلى/layla/f;عبد الرحمن/abdulrahman/m",
      "العلي/alali;الحسيني/alhusseini;منصور/mansour" },
    { 2, /* Hebrew, right to left */
      "נועה/noa/f;דוד/david/m;יעל/yael/f", "כהן/cohen;לוי/levi;בן־דוד/bendavid" },
    { 2, /* Persian, with a zero-width non-joiner */
      "آرش/arash/m;شیرین/shirin/f", "حسینی/hosseini;نیک\xe2\x80\x8cپور/nikpour" },
    { 3, /* Hindi, Tamil, Bengali */
      "प्रिया/priya/f;अर्जुन/arjun/m;கவிதா/kavitha/f;অনিক/anik/m",
      "शर्मा/sharma;பிள்ளை/pillai;চৌধুরী/chowdhury" },
    { 2, /* Thai, Khmer */
      "สมชาย/somchai/m;นภา/napa/f;សុខា/sokha/f", "ศรีสุข/srisuk;ทองดี/thongdee;ចាន់/chan" },
    { 3, /* Chinese */
      "伟/wei/m;秀英/xiuying/f;子涵/zihan/d;𠮷/ji/m", "王/wang;歐陽/ouyang;李/li;𡈽田/tuda" },
    { 2, /* Japanese, with full-width and half-width forms */
      "さくら/sakura/f;健太/kenta/m;ﾕｷ/yuki/f", "佐藤/sato;髙橋/takahashi;渡邊/watanabe" },
    { 2, /* Korean, composed and decomposed */
      "민준/minjun/m;서연/seoyeon/f;\xe1\x84\x83\xe1\x85\xa1/da/f", "김/kim;박/park;남궁/namgung" },
    { 2, /* Vietnamese, composed and decomposed */
      "Nguyệt/nguyet/f;Đức/duc/m;Nguye\xcc\xa3\xcc\x82t/nguyet/f",
      "Nguyễn/nguyen;Trần/tran;Phạm/pham" },
    { 2, /* Georgian, Armenian, Amharic */
      "ნინო/nino/f;Արամ/aram/m;ሰላም/selam/f", "ბერიძე/beridze;Պետրոսյան/petrosyan;ተስፋዬ/tesfaye" },
    { 2, /* Yoruba, Igbo, Hausa, Hawaiian */
      "Adébáyọ̀/adebayo/m;Chịọma/chioma/f;Ɗanladi/danladi/m;Kaʻiulani/kaiulani/f",
      "Ọlátúnjí/olatunji;Okafor/okafor;Nwọsu/nwosu;Kealoha/kealoha" },
    { 1, /* one letter, very long, single names, capitals */
      "X/x/d;Wolfeschlegelsteinhausenbergerdorff-Maximiliana-Alexandrina/wolfeschlegel/f;MADONNA/"
      "madonna/f;d’Arc/darc/m",
      "Y/y;Keihanaikukauakahihuliheekahaunaele/keihanaikukauakahihulihee;-/minus;van ’t "
      "Hoff/vanthoff" },
};

enum { GROUPS = RC_LEN(group_texts), NAMES_MAX = 400 };
static struct name firsts[NAMES_MAX], lasts[NAMES_MAX];
static uint16_t firsts_n, lasts_n, group_first[GROUPS + 1], group_last[GROUPS + 1];
static unsigned weights;

static uint16_t cut(const char *table, struct name *all, uint16_t n) {
    for (char *rest = mem_str(table), *one; (one = strsep(&rest, ";")) != NULL && n < NAMES_MAX;
         n++) {
        const char *text = strsep(&one, "/"), *ascii = strsep(&one, "/"), *gender = one;
        all[n] = (struct name){ text, ascii, (uint16_t)strlen(text), (uint16_t)strlen(ascii),
                                gender ? *gender : '\0' };
    }
    return n;
}

void names_init(void) {
    if (firsts_n > 0)
        return;
    for (size_t i = 0; i < GROUPS; i++) {
        group_first[i] = firsts_n;
        group_last[i] = lasts_n;
        firsts_n = cut(group_texts[i].first, firsts, firsts_n);
        lasts_n = cut(group_texts[i].last, lasts, lasts_n);
        weights += group_texts[i].weight;
    }
    group_first[GROUPS] = firsts_n;
    group_last[GROUPS] = lasts_n;
}

size_t names_first_count(void) {
    return firsts_n;
}
size_t names_last_count(void) {
    return lasts_n;
}
const struct name *name_first(unsigned n) {
    return &firsts[n];
}
const struct name *name_last(unsigned n) {
    return &lasts[n];
}

static uint16_t pick_between(struct rng *r, const uint16_t *bounds) {
    return (uint16_t)(bounds[0] + rng_below(r, (uint32_t)(bounds[1] - bounds[0])));
}

static size_t pick_group(struct rng *r) {
    unsigned at = rng_below(r, weights);
    size_t g = 0;
    while (at >= group_texts[g].weight)
        at -= group_texts[g++].weight;
    return g;
}

void names_pick(struct rng *r, uint16_t *ret_first, uint16_t *ret_last) {
    size_t g = pick_group(r);
    *ret_first = pick_between(r, &group_first[g]);
    *ret_last = pick_between(r, &group_last[rng_below(r, 20) == 0 ? pick_group(r) : g]);
}

uint16_t names_pick_last(struct rng *r) {
    return pick_between(r, &group_last[pick_group(r)]);
}
