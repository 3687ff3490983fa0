// SPDX-License-Identifier: Apache-2.0
// The table of formats. OpenAPI's number formats and hints are here too: `int32` is a bound, `float`, `password` and
// their like assert nothing that JSON could violate.
#include "grammar/format_patterns.h"

// RFC 3986 without userinfo and IP literals; pieces of string literals are joined by the compiler.
#define NEEDLE_PCHAR "([A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
#define NEEDLE_PATH_START "([A-Za-z0-9._~!$&'()*+,;=@-]|%[0-9A-Fa-f]{2})"
#define NEEDLE_HOST "[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,4})?"
#define NEEDLE_TAIL "(\\?(" NEEDLE_PCHAR "|[/?])*)?(#(" NEEDLE_PCHAR "|[/?])*)?"
#define NEEDLE_URI \
  "[A-Za-z][A-Za-z0-9+.-]*:(//" NEEDLE_HOST "(/" NEEDLE_PCHAR "*)*|" NEEDLE_PATH_START NEEDLE_PCHAR "*(/" NEEDLE_PCHAR "*)*)"
#define NEEDLE_LABEL "[A-Za-z0-9]([A-Za-z0-9-]{0,38}[A-Za-z0-9])?"
#define NEEDLE_OCTET "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
#define NEEDLE_H16 "[0-9A-Fa-f]{1,4}"
#define NEEDLE_LOCAL "[A-Za-z0-9_%+'-]+"

namespace needle {
namespace {

constexpr char kEmail[] = "^" NEEDLE_LOCAL "(\\." NEEDLE_LOCAL ")*@" NEEDLE_LABEL "(\\." NEEDLE_LABEL "){1,4}$";
constexpr char kUri[] = "^" NEEDLE_URI NEEDLE_TAIL "$";
constexpr char kUriReference[] =
    "^(" NEEDLE_URI "|(/|/?" NEEDLE_PATH_START "+)(/" NEEDLE_PCHAR "+)*/?)" NEEDLE_TAIL "$";
constexpr char kUuid[] = "^[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$";
constexpr char kIpv4[] = "^(" NEEDLE_OCTET "\\.){3}" NEEDLE_OCTET "$";
constexpr char kIpv6[] =
    "^((" NEEDLE_H16 ":){7}" NEEDLE_H16 "|(" NEEDLE_H16 ":){1,7}:|(" NEEDLE_H16 ":){1,6}:" NEEDLE_H16 "|(" NEEDLE_H16
    ":){1,5}(:" NEEDLE_H16 "){1,2}|(" NEEDLE_H16 ":){1,4}(:" NEEDLE_H16 "){1,3}|(" NEEDLE_H16 ":){1,3}(:" NEEDLE_H16
    "){1,4}|(" NEEDLE_H16 ":){1,2}(:" NEEDLE_H16 "){1,5}|" NEEDLE_H16 ":(:" NEEDLE_H16 "){1,6}|:((:" NEEDLE_H16
    "){1,7}|:))$";
constexpr char kHostname[] = "^" NEEDLE_LABEL "(\\." NEEDLE_LABEL "){0,5}$";
constexpr char kBase64[] = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$";
constexpr char kJsonPointer[] = "^(/([^/~]|~[01])*)*$";

constexpr FormatRule kFormats[] = {
    {"date", nullptr, 0},
    {"time", nullptr, 0},
    {"date-time", nullptr, 0},
    {"duration", nullptr, 0},
    {"email", kEmail, 0},
    {"idn-email", kEmail, 0},
    {"uri", kUri, 0},
    {"iri", kUri, 0},
    {"uri-reference", kUriReference, 0},
    {"iri-reference", kUriReference, 0},
    {"uuid", kUuid, 0},
    {"ipv4", kIpv4, 0},
    {"ipv6", kIpv6, 0},
    {"hostname", kHostname, 0},
    {"idn-hostname", kHostname, 0},
    {"byte", kBase64, 0},
    {"json-pointer", kJsonPointer, 0},
    {"int32", nullptr, 2147483647},
    {"int64", nullptr, 0},
    {"float", nullptr, 0},
    {"double", nullptr, 0},
    {"password", nullptr, 0},
    {"binary", nullptr, 0},
};

}  // namespace

const FormatRule* FindFormat(std::string_view format) {
  if (format == "url") format = "uri";
  for (const FormatRule& rule : kFormats) {
    if (format == rule.name) return &rule;
  }
  return nullptr;
}

bool IsTemporalFormat(std::string_view format) {
  return format == "date" || format == "time" || format == "date-time" || format == "duration";
}

}  // namespace needle
