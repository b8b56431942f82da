namespace PpidWorkflow.Application.Tests.Sop;

/// <summary>What is garbled or outdated stays as printed and is told beside it (domain.md §0.2 and §0.3).</summary>
public class SopRemarksTests
{
    [Theory]
    [InlineData("number", "spasi")]
    [InlineData("number", "2021")]
    [InlineData("approvedOn", "Hari")]
    [InlineData("approvedOn", "Tanggal Efektif")]
    [InlineData("approvedBy/name", "Hj.")]
    [InlineData("unit", "Kasubid")]
    [InlineData("titles", "Publik")]
    [InlineData("legalBases/2", "terpotong")]
    [InlineData("legalBases/3", "bertumpuk")]
    [InlineData("legalBases/3", "Nomor 1 Tahun 2021")]
    [InlineData("legalBases/4", "Prosedur Penyelesaian Sengketa Informasi Publik")]
    [InlineData("legalBases/5", "terpotong")]
    [InlineData("legalBases", "PP Nomor 61 Tahun 2010")]
    [InlineData("legalBases", "UU Nomor 43 Tahun 2009")]
    [InlineData("legalBases", "PermenPAN-RB Nomor 35 Tahun 2012")]
    [InlineData("legalBases", "UU Nomor 27 Tahun 2022")]
    [InlineData("qualifications/2", "efisien")]
    [InlineData("qualifications/4", "tanpa nomor")]
    [InlineData("recording", "hardcopy")]
    [InlineData("relatedSops", "Tidak diisi")]
    [InlineData("steps", "anak panah")]
    [InlineData("steps", "Ket")]
    [InlineData("steps", "tidak lengkap")]
    [InlineData("steps", "uji konsekuensi")]
    [InlineData("steps/1", "Kelengkapan sama dengan output")]
    [InlineData("steps/3", "tanda terima")]
    [InlineData("steps/4", "serah terima")]
    [InlineData("steps/4", "Dapat pula dibaca")]
    [InlineData("steps/5", "Kelengkapan sama dengan output")]
    [InlineData("steps/5", "dua tindakan")]
    public void A_known_gap_has_its_remark(string where, string about)
    {
        var remarks = SopFolder.Identity.GetProperty("remarks").EnumerateArray().Where(remark => remark.Text("where") == where);

        Assert.Contains(remarks, remark => remark.Text("remark")!.Contains(about, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_remark_says_where_what_kind_and_what() =>
        Assert.All(SopFolder.Identity.GetProperty("remarks").EnumerateArray(), remark =>
        {
            Assert.False(string.IsNullOrWhiteSpace(remark.Text("where")));
            Assert.False(string.IsNullOrWhiteSpace(remark.Text("label")));
            Assert.Contains(remark.Text("kind"), (string[])["garbled", "outdated", "gap", "doubt"]);
            Assert.EndsWith(".", remark.Text("remark"));
        });

    [Fact]
    public void A_legal_basis_is_in_force_or_names_what_took_its_place() =>
        Assert.All(SopFolder.Identity.GetProperty("legalBases").EnumerateArray(), basis =>
        {
            var status = basis.Text("status");

            Assert.Contains(status, (string[])["berlaku", "dicabut", "diganti"]);
            Assert.Equal(status == "diganti", basis.Text("replacedBy") is not null);
        });
}
