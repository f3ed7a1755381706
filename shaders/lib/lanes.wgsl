// needs: nothing
// Which of a quad's four lanes hold elements: the first `limit` of all or, if channels are padded, of every `blocks`
// quads.
fn lanes_of(quad: u32, padded: u32, blocks: u32, limit: u32) -> vec4<bool> {
  var first = quad;
  if (padded == 1u) { first = quad % blocks; }
  return vec4<u32>(first * 4u) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(limit);
}
