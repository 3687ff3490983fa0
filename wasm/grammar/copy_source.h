// SPDX-License-Identifier: Apache-2.0
// The words that a string value may be: a piece of what the user said that begins and ends where words do, and that no
// other argument of the call has taken. A network of this size copies, and what it does not copy it garbles ("August
// 222"); with the mask of a whole vocabulary nothing kept it from that. In the training and evaluation data 99 of 100
// values of strings without pattern or enum are such pieces, and 1 of 100 calls has two that share words.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace needle {

class CopySource {
 public:
  /// How many code points a value may still grow by.
  struct Room {
    uint32_t min = 0, max = 0;
  };
  /// Where in the text the value may stand at present: byte offsets behind what has been read of it, ascending.
  using Places = std::vector<uint32_t>;
  /// Pieces [begin, end) that are other values already.
  using Taken = std::vector<std::pair<uint32_t, uint32_t>>;
  static bool IsTaken(uint32_t place, const Taken& taken);

  /// `texts`: the request, earlier turns, values of facts; as the tokenizer reads them. A piece lies within one text.
  CopySource(const Tokenizer& tokenizer, std::span<const std::string> texts);

  /// Where a value can begin that may grow to one of that many code points; none when no piece is so long or so short.
  Places Starts(Room room, const Taken& taken) const;

  /// The places that go on with `byte`.
  void Step(uint8_t byte, const Taken& taken, Places* places) const;

  /// Leaves the places from which the end of a word can be reached within the room.
  void Prune(Room room, const Taken& taken, Places* places) const;
  bool CanReachEnd(uint32_t place, Room room, const Taken& taken) const;

  /// The first of the places where a word ends, so that the value may; kNoPlace where there is none.
  uint32_t FirstEnd(const Places& places) const;
  static constexpr uint32_t kNoPlace = ~uint32_t{0};

  /// The bytes from a place to the end of its text, or to the next piece that is taken.
  std::string_view From(uint32_t place, const Taken& taken) const;
  /// All texts, a zero byte behind each.
  std::string_view bytes() const { return bytes_; }
  /// Code points that begin in the `count` bytes from a place on.
  uint32_t CodePoints(uint32_t place, size_t count) const { return code_points_[place + count] - code_points_[place]; }

 private:
  void Add(const std::string& text);
  uint32_t Limit(uint32_t place, const Taken& taken) const;

  std::string bytes_;
  std::vector<uint32_t> code_points_;   // [bytes + 1] code points that begin before
  std::vector<uint8_t> is_start_;       // [bytes + 1] of a word, or of a character that is no part of one
  std::vector<uint8_t> is_end_;         // [bytes + 1] likewise
  std::vector<uint32_t> text_end_;      // [bytes + 1] where the text that it lies in ends
};

}  // namespace needle
