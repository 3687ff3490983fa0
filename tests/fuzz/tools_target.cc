// SPDX-License-Identifier: Apache-2.0
// Tool lists: refused with a path into the list, or compiled, and then the network reads no token but those that a tool
// block is made of, whatever names and descriptions spell.
#include <algorithm>

#include "fixture.h"
#include "router/tool_set.h"

namespace needle_fuzz {
namespace {

bool MayStandInABlock(needle::TokenId token) {
  using namespace needle::special;
  constexpr needle::TokenId kStructure[] = {kTool, kArg, kDesc, kType, kEnum, kItem, kObj, kEnd, kReq};
  return token >= kFirstByte || std::find(std::begin(kStructure), std::end(kStructure), token) != std::end(kStructure);
}

void Compile(std::string_view tools, const char* options) {
  const auto set = needle::ToolSet::Parse(tools, options, GoldenRuntime());
  if (!set.ok()) {
    CheckError(set.error());
    return Check(set.error().path.starts_with("tools"), "an error points into the tools", set.error().path);
  }
  CheckJson((*set)->InfoJson(), "a description of tools");
  for (const needle::ToolEntry& tool : (*set)->tools()) {
    Check((*set)->Find(tool.name) >= 0, "every tool is found by its name", tool.name);
    Check(tool.block[0] == needle::special::kTool, "a block begins with <tool>");
    Check(std::count(tool.block.begin(), tool.block.end(), needle::special::kTool) == 1, "and holds no other");
    Check(std::all_of(tool.block.begin(), tool.block.end(), MayStandInABlock), "text forges no structure", tool.name);
  }
}

}  // namespace

void FuzzTools(Input input) {
  Compile(AsText(input), "{}");
  Compile(AsText(input), R"({"onUnsupported":"warn"})");
}

}  // namespace needle_fuzz
