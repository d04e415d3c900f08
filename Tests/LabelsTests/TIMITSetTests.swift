import Labels
import Testing

struct TIMITSetTests {
  /// Kaldi's egs/timit/s5/conf/phones.60-48-39.map, without its middle column.
  private static let map = """
    aa aa,ae ae,ah ah,ao aa,aw aw,ax ah,ax-h ah,axr er,ay ay,b b,bcl sil,ch ch,d d,dcl sil,dh dh,dx dx,eh eh,el l,em m,en n,\
    eng ng,epi sil,er er,ey ey,f f,g g,gcl sil,h# sil,hh hh,hv hh,ih ih,ix ih,iy iy,jh jh,k k,kcl sil,l l,m m,n n,ng ng,nx n,\
    ow ow,oy oy,p p,pau sil,pcl sil,q,r r,s s,sh sh,t t,tcl sil,th th,uh uh,uw uw,ux uw,v v,w w,y y,z z,zh sh
    """

  @Test func theFoldingIsKaldis() throws {
    let map = try PhoneMap(named: "timit39")
    let cmu = try PhoneMap(named: "timit-cmu41")
    let lines = Self.map.split(separator: ",").map { $0.split(separator: " ").map { String($0) } }
    #expect(lines.count == 61 && PhoneSet.timit61.names.count == 61 && PhoneSet.timit39.names.count == 39)
    #expect(Set(lines.map { $0[0] }) == Set(PhoneSet.timit61.names))
    for line in lines { #expect(map[line[0]] == Array(line.dropFirst())) }
    #expect(Set(lines.compactMap { $0.dropFirst().first }) == Set(PhoneSet.timit39.names))
    for phone in PhoneSet.timit61.names { #expect(cmu[phone].allSatisfy { PhoneSet.cmu41.index(of: $0) != nil }) }
  }
}
