import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.validationreport.ValidationReportFacade;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;

/**
 * EU DSS as a judge that stays: what it trusts is a folder (anchors/*.der, lists/*.crl), what it is asked comes line by
 * line, fields divided by tabs, and each line is answered by one.
 *
 * <pre>
 * verify  EPOCH-SECONDS  FILE  [DETACHED-CONTENT]   →  signature FORMAT INDICATION SUB-INDICATION; … or: unreadable WHY
 *                                                      (of an evidence record, its time instead of errors)
 * report  FILE                                      →  valid, or: invalid WHY   (ETSI TS 119 102-2)
 * </pre>
 */
public final class Judge {
  private final CommonTrustedCertificateSource anchors = new CommonTrustedCertificateSource();
  private final List<byte[]> lists = new ArrayList<>();

  public static void main(String[] words) throws IOException {
    new Judge(Path.of(words[0])).answerAll();
  }

  private Judge(Path folder) throws IOException {
    for (Path file : in(folder.resolve("anchors"))) {
      CertificateToken anchor = DSSUtils.loadCertificate(file.toFile());
      anchors.addCertificate(anchor);
    }
    for (Path file : in(folder.resolve("lists"))) {
      lists.add(Files.readAllBytes(file));
    }
  }

  private static List<Path> in(Path folder) throws IOException {
    try (var found = Files.list(folder)) {
      return found.sorted().toList();
    }
  }

  private void answerAll() throws IOException {
    var asked = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = asked.readLine(); line != null; line = asked.readLine()) {
      String[] fields = line.split("\t");
      String answer;
      try {
        answer = fields[0].equals("report") ? report(new File(fields[1])) : verify(fields);
      } catch (Exception | StackOverflowError refusal) {
        answer = "unreadable\t" + oneLine(refusal);
      }
      System.out.println(answer);
      System.out.flush();
    }
  }

  private String verify(String[] fields) {
    var verifier = new CommonCertificateVerifier();
    verifier.setTrustedCertSources(anchors);
    verifier.setAIASource(null);
    if (!lists.isEmpty()) {
      var streams = lists.stream().map(java.io.ByteArrayInputStream::new).toArray(InputStream[]::new);
      verifier.setCrlSource(new ExternalResourcesCRLSource(streams));
    }
    SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(new File(fields[2])));
    validator.setCertificateVerifier(verifier);
    validator.setValidationTime(new Date(Long.parseLong(fields[1]) * 1000));
    if (fields.length > 3) {
      validator.setDetachedContents(List.<DSSDocument>of(new FileDocument(new File(fields[3]))));
    }
    SimpleReport report = validator.validateDocument().getSimpleReport();
    var said = new ArrayList<String>();
    for (String id : report.getSignatureIdList()) {
      said.add(String.join("\t", "signature", String.valueOf(report.getSignatureFormat(id)),
          String.valueOf(report.getIndication(id)), String.valueOf(report.getSubIndication(id)),
          oneLine(report.getAdESValidationErrors(id).stream().map(why -> why.getValue()).toList())));
    }
    for (String id : report.getEvidenceRecordIdList()) {
      said.add(String.join("\t", "signature", "evidence-record", String.valueOf(report.getIndication(id)),
          String.valueOf(report.getSubIndication(id)),
          String.valueOf(report.getEvidenceRecordPOE(id).getTime() / 1000)));
    }
    return said.isEmpty() ? "nothing" : String.join("\u001f", said);
  }

  private static String report(File file) throws Exception {
    try (InputStream stream = Files.newInputStream(file.toPath())) {
      ValidationReportFacade.newFacade().unmarshall(stream, true);
      return "valid";
    }
  }

  private static String oneLine(Object said) {
    return String.valueOf(said).replaceAll("[\\s\\u001f]+", " ");
  }
}
