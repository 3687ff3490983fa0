// SPDX-License-Identifier: Apache-2.0
// ParseSchema: which keywords are enforced, read past or refused, with which code and path; merging; inference.
#include "grammar_fixture.h"

using namespace needle_test;

namespace {

std::string InProperty(const std::string& schema) { return SchemaError(R"({"properties":{"city":)" + schema + "}}"); }

/// The finished node of property `a`.
SchemaPtr Property(const std::string& schema) {
  const auto root = Schema(R"({"properties":{"a":)" + schema + "}}");
  if (!root.ok()) Fail(__FILE__, __LINE__, root.error().path + ": " + root.error().message);
  return root.ok() ? (*root)->properties[0].node : EmptySchema();
}

}  // namespace

TEST(AnnotationsAreReadPast) {
  CHECK_EQ(InProperty(R"({"title":"t","description":"d","default":1,"example":1,"examples":[1],"deprecated":true,
      "readOnly":true,"writeOnly":false,"$schema":"s","$id":"i","$comment":"c","optional":true,"x-order":3})"), "ok");
}

TEST(UnsupportedKeywordsAreErrorsWithTheirPath) {
  for (const char* keyword : {"not", "if", "then", "else", "patternProperties", "propertyNames", "contains", "prefixItems",
                              "dependentRequired", "minProperties", "unevaluatedProperties", "contentEncoding", "$anchor",
                              "made-up"}) {
    const std::string at = std::string(keyword) == "made-up" ? "[\"made-up\"]" : std::string(".") + keyword;
    CHECK_EQ(InProperty(std::string("{\"") + keyword + "\":{}}"), "unsupported_schema parameters.properties.city" + at);
  }
  CHECK_EQ(InProperty(R"({"pattern":"(?=a)b"})"), "unsupported_schema parameters.properties.city.pattern");
  CHECK_EQ(InProperty(R"({"pattern":"(a)\\1"})"), "unsupported_schema parameters.properties.city.pattern");
  CHECK_EQ(InProperty(R"({"pattern":"\\bword\\b"})"), "unsupported_schema parameters.properties.city.pattern");
  CHECK_EQ(InProperty(R"({"pattern":"^(.{0,5000}x){1,5000}$"})"), "unsupported_schema parameters.properties.city.pattern");
  CHECK_EQ(InProperty(R"({"format":"regex"})"), "unsupported_schema parameters.properties.city.format");
  CHECK_EQ(InProperty(R"({"items":[{"type":"string"}]})"), "unsupported_schema parameters.properties.city.items");
  CHECK_EQ(InProperty(R"({"enum":["a",{"b":1}]})"), "unsupported_schema parameters.properties.city.enum[1]");
  CHECK_EQ(InProperty(R"({"$ref":"https://example.com/x.json"})"), "unsupported_schema parameters.properties.city.$ref");
  CHECK_EQ(SchemaError(R"({"properties":{"the key":{"not":{}}}})"),
           R"(unsupported_schema parameters.properties["the key"].not)");
}

TEST(WarnModeLoadsTheRest) {
  std::vector<std::string> warnings;
  const auto schema = Schema(R"({"properties":{"a":{"type":"string","pattern":"(?!x)y","maxLength":3,"not":{}},
      "b":{"$ref":"#"}}})", OnUnsupported::kWarn, &warnings);
  CHECK(schema.ok());
  CHECK_EQ(warnings.size(), size_t{3});
  CHECK_EQ(warnings[0], "parameters.properties.a.pattern");
  CHECK_EQ(warnings[1], "parameters.properties.a.not");
  CHECK_EQ(warnings[2], "parameters.properties.b.$ref");
  CHECK_EQ((*schema)->properties[0].node->max_length, 3u);
}

TEST(ContradictionsAreInvalid) {
  const std::string at = "invalid_schema parameters.properties.city";
  CHECK_EQ(InProperty(R"({"type":"integer","minimum":5,"maximum":4})"), at);
  CHECK_EQ(InProperty(R"({"type":"integer","minimum":0.2,"maximum":0.8})"), at);
  CHECK_EQ(InProperty(R"({"type":"integer","exclusiveMinimum":5,"exclusiveMaximum":6})"), at);
  CHECK_EQ(InProperty(R"({"type":"string","enum":[1,2]})"), at);
  CHECK_EQ(InProperty(R"({"type":"string","minLength":3,"maxLength":2})"), at);
  CHECK_EQ(InProperty(R"({"type":"string","pattern":"^a{5}$","maxLength":4})"), at);
  CHECK_EQ(InProperty(R"({"type":"array","minItems":3,"uniqueItems":true,"items":{"enum":[1,2]}})"), at);
  CHECK_EQ(InProperty(R"({"allOf":[{"type":"string"},{"type":"integer"}]})"), at);
  CHECK_EQ(InProperty(R"({"type":"string","pattern":"[z-a]"})"), at + ".pattern");
  CHECK_EQ(InProperty(R"({"type":"strin"})"), at + ".type");
  CHECK_EQ(InProperty(R"({"type":[]})"), at + ".type");
  CHECK_EQ(InProperty(R"({"enum":[]})"), at + ".enum");
  CHECK_EQ(InProperty(R"({"minLength":-1})"), at + ".minLength");
  CHECK_EQ(InProperty(R"({"multipleOf":0})"), at + ".multipleOf");
  CHECK_EQ(InProperty(R"("string")"), at);
  CHECK_EQ(SchemaError(R"({"type":"string"})"), "invalid_schema parameters");
  CHECK_EQ(SchemaError(R"({"properties":{},"required":["a"],"additionalProperties":false})"), "invalid_schema parameters");
  CHECK_EQ(SchemaError(R"({"properties":{"a":false},"required":["a"]})"), "invalid_schema parameters");
}

TEST(OtherErrors) {
  CHECK_EQ(SchemaError(R"({"properties":{"a":{},"b":{},"a":{}}})"), "duplicate_name parameters.properties.a");
  CHECK_EQ(InProperty(R"({"enum":[9007199254740993]})"), "ok");  // 2^53 + 1 reads as 2^53
  CHECK_EQ(InProperty(R"({"enum":[1e300]})"), "out_of_range parameters.properties.city.enum[0]");
  std::string deep = "{}";
  for (int i = 0; i < 100; ++i) deep = R"({"items":)" + deep + "}";
  CHECK(InProperty(deep).starts_with("unsupported_schema parameters.properties.city.items"));
}

TEST(TypesAreInferred) {
  CHECK_EQ(int{Property("{}")->types}, int{kTypeString});
  CHECK_EQ(int{Property("true")->types}, int{kTypeString});
  CHECK_EQ(int{Property(R"({"enum":["a",1,null]})")->types}, kTypeString | kTypeInteger | kTypeNull);
  CHECK_EQ(int{Property(R"({"properties":{}})")->types}, int{kTypeObject});
  CHECK_EQ(int{Property(R"({"items":{}})")->types}, int{kTypeArray});
  CHECK_EQ(int{Property(R"({"minimum":1})")->types}, int{kTypeNumber});
  CHECK_EQ(int{Property(R"({"type":["null","integer"]})")->shown_type}, int{kTypeInteger});
  CHECK_EQ(int{Property(R"({"type":"STRING"})")->types}, int{kTypeString});
  CHECK_EQ(int{Property(R"({"nullable":true})")->types}, kTypeString | kTypeNull);
}

TEST(RequiredInItsManyForms) {
  const auto undescribed = Schema(R"({"properties":{},"required":["a","a"]})");
  CHECK(undescribed.ok() && (*undescribed)->properties.size() == 1 && (*undescribed)->properties[0].required);
  const auto draft3 = Schema(R"({"properties":{"a":{"type":"string","required":true},"b":{"required":false}},"required":false})");
  CHECK(draft3.ok() && (*draft3)->properties[0].required && !(*draft3)->properties[1].required);
}

TEST(ReferencesAreResolved) {
  const auto schema = Schema(R"({"$defs":{"City":{"type":"string","description":"in defs","minLength":2},
        "a/b":{"type":"integer"}},
      "definitions":{"Point":{"properties":{"x":{"$ref":"#/$defs/a~1b"}}}},
      "properties":{"city":{"$ref":"#/$defs/City","description":"here"},"point":{"$ref":"#/definitions/Point"},
        "again":{"$ref":"#/properties/city"}}})");
  CHECK(schema.ok());
  if (!schema.ok()) return;
  CHECK_EQ((*schema)->properties[0].node->description, "here");
  CHECK_EQ((*schema)->properties[0].node->min_length, 2u);
  CHECK_EQ(int{(*schema)->properties[1].node->properties[0].node->types}, int{kTypeInteger});
  CHECK_EQ((*schema)->properties[2].node->min_length, 2u);

  CHECK_EQ(InProperty(R"({"$ref":"#/$defs/none"})"), "invalid_schema parameters.properties.city.$ref");
  CHECK_EQ(SchemaError(R"({"$defs":{"N":{"properties":{"next":{"$ref":"#/$defs/N"}}}},"properties":{"a":{"$ref":"#/$defs/N"}}})"),
           "unsupported_schema parameters.$defs.N.properties.next.$ref");
  CHECK_EQ(InProperty(R"({"items":{"$ref":"#/properties/city"}})"),
           "unsupported_schema parameters.properties.city.items.$ref");
  CHECK_EQ(SchemaError(R"({"$defs":{"A":{"$ref":"#/$defs/B"},"B":{"$ref":"#/$defs/A"}},"properties":{"a":{"$ref":"#/$defs/A"}}})"),
           "unsupported_schema parameters.$defs.B.$ref");
  CHECK_EQ(SchemaError(R"({"$defs":{"N":{"not":{}}},"properties":{"a":{"$ref":"#/$defs/N"}}})"),
           "unsupported_schema parameters.$defs.N.not");
}

TEST(ManyReferencesCannotExplode) {
  std::string defs = R"("d0":{"type":"string"})";
  for (int i = 1; i < 30; ++i) {
    const std::string ref = R"({"$ref":"#/$defs/d)" + std::to_string(i - 1) + "\"}";
    defs += ",\"d" + std::to_string(i) + R"(":{"properties":{"a":)" + ref + ",\"b\":" + ref + "}}";
  }
  const auto code = SchemaError("{\"$defs\":{" + defs + R"(},"properties":{"x":{"$ref":"#/$defs/d29"}}})");
  CHECK(code.starts_with("unsupported_schema"));
}

TEST(AllOfIsMerged) {
  const auto schema = Schema(R"({"allOf":[
      {"properties":{"a":{"type":"integer","minimum":1}},"required":["a"]},
      {"type":"object","properties":{"b":{},"a":{"maximum":5}}}]})");
  CHECK(schema.ok());
  if (!schema.ok()) return;
  CHECK_EQ((*schema)->properties.size(), size_t{2});
  const auto& a = (*schema)->properties[0];
  CHECK(a.required && a.node->types == kTypeInteger && a.node->minimum == 1 && a.node->maximum == 5);
  CHECK_EQ(SchemaError(R"({"allOf":[{"properties":{"a":{}},"additionalProperties":false},{"properties":{"b":{}},"required":["b"]}]})"),
           "invalid_schema parameters");
}

TEST(AlternativesAreMergedWithWhatStandsBeside) {
  const auto root = Schema(R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},
      "anyOf":[{"required":["a"]},{"required":["b"]}]})");
  CHECK(root.ok() && (*root)->alternatives.size() == 2);
  if (!root.ok() || (*root)->alternatives.size() != 2) return;
  CHECK((*root)->alternatives[0]->properties[0].required && !(*root)->alternatives[0]->properties[1].required);
  CHECK((*root)->alternatives[1]->properties[1].required);

  const auto optional = Property(R"({"anyOf":[{"type":"integer"},{"type":"null"}],"description":"n"})");
  CHECK_EQ(optional->alternatives.size(), size_t{2});
  CHECK_EQ(int{optional->Shown().types}, int{kTypeInteger});
  CHECK_EQ(optional->description, "n");
  CHECK_EQ(int{Property(R"({"type":"string","anyOf":[{"type":"integer"},{"minLength":2}]})")->types}, int{kTypeString});
}

TEST(OneOfMustBeDisjoint) {
  CHECK_EQ(InProperty(R"({"oneOf":[{"const":"a","title":"A"},{"const":"b"}]})"), "ok");
  CHECK_EQ(InProperty(R"({"oneOf":[{"type":"string"},{"type":"integer"},{"type":"null"}]})"), "ok");
  CHECK_EQ(InProperty(R"({"oneOf":[{"type":"integer","maximum":4},{"type":"integer","minimum":5}]})"), "ok");
  CHECK_EQ(InProperty(R"({"oneOf":[{"format":"email"},{"format":"ipv4"}]})"), "ok");
  CHECK_EQ(InProperty(R"({"oneOf":[{"properties":{"k":{"const":"x"}},"required":["k"]},{"properties":{"k":{"const":"y"}},"required":["k"]}]})"), "ok");
  CHECK_EQ(InProperty(R"({"oneOf":[{"properties":{"a":{}},"required":["a"]},{"properties":{"b":{}},"required":["b"]}]})"), "ok");
  CHECK_EQ(InProperty(R"({"oneOf":[{"type":"integer"},{"type":"number"}]})"),
           "unsupported_schema parameters.properties.city.oneOf");
  CHECK_EQ(InProperty(R"({"oneOf":[{"type":"string"},{"enum":["a"]}]})"),
           "unsupported_schema parameters.properties.city.oneOf");
}

TEST(CanonicalOrderPutsRequiredKeysFirst) {
  const auto schema = Schema(R"({"properties":{"z":{},"b":{},"a":{},"Y":{}},"required":["z","b"]})");
  std::string order;
  for (int i : CanonicalOrder(**schema)) order += (*schema)->properties[static_cast<size_t>(i)].key;
  CHECK_EQ(order, "bzYa");
}
