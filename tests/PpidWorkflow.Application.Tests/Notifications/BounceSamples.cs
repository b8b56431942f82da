using System.Text;
using MimeKit;

namespace PpidWorkflow.Application.Tests.Notifications;

/// <summary>Notifications as mail servers write them, put together from RFC 3464 and the form of real ones.</summary>
internal static class BounceSamples
{
    /// <summary>Postfix: the headers come back as text/rfc822-headers.</summary>
    public static string Postfix(string messageId, string action = "failed", string status = "5.1.1") => $"""
        Return-Path: <>
        Date: Mon, 23 Nov 2026 09:05:00 +0700 (WIB)
        From: MAILER-DAEMON@mx.kantor.example (Mail Delivery System)
        Subject: Undelivered Mail Returned to Sender
        To: ppid@ppid.example
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="4bX1.1"
        Message-Id: <20261123.4bX1@mx.kantor.example>

        This is a MIME-encapsulated message.

        --4bX1.1
        Content-Description: Notification
        Content-Type: text/plain; charset=us-ascii

        <petugas@kantor.example>: host mx[10.0.0.9] said: 550 5.1.1 User unknown RAHASIA

        --4bX1.1
        Content-Description: Delivery report
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.kantor.example
        X-Postfix-Queue-ID: 4bX1
        Arrival-Date: Mon, 23 Nov 2026 09:04:58 +0700 (WIB)

        Final-Recipient: rfc822; petugas@kantor.example
        Original-Recipient: rfc822;petugas@kantor.example
        Action: {action}
        Status: {status}
        Remote-MTA: dns; mx
        Diagnostic-Code: smtp; 550 5.7.9 User unknown RAHASIA

        --4bX1.1
        Content-Description: Undelivered Message Headers
        Content-Type: text/rfc822-headers

        From: PPID <ppid@ppid.example>
        Message-Id: <{messageId}>
        To: petugas@kantor.example
        Subject: Tugas

        --4bX1.1--

        """;

    /// <summary>Exchange: a related part of texts, the whole mail back, status with a remark.</summary>
    public static string Exchange(string messageId) => $"""
        From: <postmaster@kantor.example>
        To: <ppid@ppid.example>
        Date: Mon, 23 Nov 2026 02:05:00 +0000
        Content-Type: multipart/report; report-type=delivery-status;
         boundary="_f1_"
        X-MS-Exchange-Message-Is-Ndr:
        Content-Language: en-US
        Message-ID: <0a1b@kantor.example>
        In-Reply-To: <lain@ppid.example>
        Subject: Undeliverable: Tugas
        MIME-Version: 1.0

        --_f1_
        Content-Type: multipart/alternative; boundary="_f2_"

        --_f2_
        Content-Type: text/plain; charset="us-ascii"

        Your message couldn't be delivered.

        --_f2_--

        --_f1_
        Content-Type: message/delivery-status

        Reporting-MTA: dns;EX01.kantor.example
        Received-From-MTA: dns;mail.ppid.example
        Arrival-Date: Mon, 23 Nov 2026 02:04:59 +0000

        Final-Recipient: rfc822;petugas@kantor.example
        Action: failed
        Status: 5.2.2 (mailbox full)
        Diagnostic-Code: smtp;554 5.2.2 mailbox full; STOREDRV.Deliver.Exception

        --_f1_
        Content-Type: message/rfc822

        From: PPID <ppid@ppid.example>
        To: <petugas@kantor.example>
        Subject: Tugas
        Message-ID: <{messageId}>
        MIME-Version: 1.0
        Content-Type: text/plain

        isi

        --_f1_--

        """;

    /// <summary>Gmail without the original: only the thread and the envelope's id name the mail.</summary>
    public static string Gmail(string messageId, bool envelope = false) => $"""
        Return-Path: <>
        MIME-Version: 1.0
        From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
        To: ppid@ppid.example
        Auto-Submitted: auto-replied
        Subject: Delivery Status Notification (Failure)
        {(envelope ? "References: <lain@ppid.example>" : $"References: <akar@ppid.example> <{messageId}>\nIn-Reply-To: <{messageId}>")}
        X-Failed-Recipients: petugas@gmail.example
        Message-ID: <65.abc@mx.google.com>
        Date: Sun, 22 Nov 2026 18:05:00 -0800 (PST)
        Content-Type: multipart/report; boundary="0000"; report-type=delivery-status

        --0000
        Content-Type: multipart/related; boundary="0001"

        --0001
        Content-Type: text/html; charset="UTF-8"

        <p>Address not found</p>
        --0001--
        --0000
        Content-Type: message/delivery-status

        Reporting-MTA: dns; googlemail.com
        {(envelope ? $"Original-Envelope-Id: {messageId.Replace("@", "+40")}" : "X-Original-Message-ID: tidak")}
        Arrival-Date: Sun, 22 Nov 2026 18:04:59 -0800 (PST)

        Final-Recipient: rfc822; petugas@gmail.example
        Action: failed
        Status: 4.4.1
        Last-Attempt-Date: Sun, 22 Nov 2026 18:05:00 -0800 (PST)

        --0000--

        """;

    public static string Answer(string messageId) => $"""
        From: petugas@kantor.example
        To: ppid@ppid.example
        Subject: Re: Tugas
        In-Reply-To: <{messageId}>
        Message-ID: <jawab@kantor.example>
        MIME-Version: 1.0
        Content-Type: text/plain

        Status: 5.1.1
        Action: failed

        """;

    /// <summary>A read receipt: a report as well, but of another kind.</summary>
    public static string Receipt(string messageId) => $"""
        From: petugas@kantor.example
        To: ppid@ppid.example
        Subject: Read: Tugas
        In-Reply-To: <{messageId}>
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=disposition-notification; boundary="r"

        --r
        Content-Type: text/plain

        Dibaca.
        --r
        Content-Type: message/disposition-notification

        Original-Message-ID: <{messageId}>
        Disposition: manual-action/MDN-sent-manually; displayed

        --r--

        """;

    public static MimeMessage Load(string text) => MimeMessage.Load(new MemoryStream(Bytes(text)));

    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text.ReplaceLineEndings("\r\n"));
}
