namespace PpidWorkflow.Web.Resources;

/// <summary>Names <c>Text.resx</c> (Indonesian) and <c>Text.en.resx</c> for <c>IStringLocalizer</c>: every word of the pages.</summary>
public sealed class Text;
